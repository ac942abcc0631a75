import { connect } from 'node:net';
import { errnoOf } from '../../fs/errno.js';
import { type Owner, startOf } from './lock-owner.js';

/**
 * Does the owner of a lock still live? 'unknown' where that cannot be found out from here: another machine, or a
 * container's process that has no socket. `socketPath` is where its socket is, null where it has none.
 */
export async function ownerAlive(
  owner: Owner,
  self: Owner,
  socketPath: string | null,
): Promise<'alive' | 'dead' | 'unknown'> {
  if (owner.boot !== self.boot) return owner.machine === self.machine ? 'dead' : 'unknown';
  if (owner.pids === self.pids) {
    const started = startOf(owner.pid);
    if (started !== null) return started === owner.started ? 'alive' : 'dead';
    if (!processExists(owner.pid)) return 'dead';
  }
  // Its pid means nothing here (a container), or may long be another process's. The kernel still knows whether
  // somebody listens on the socket.
  const answer = socketPath === null ? 'no answer' : await knock(socketPath);
  if (answer !== 'no answer') return answer;
  return owner.pids === self.pids ? 'alive' : 'unknown';
}

/** Does somebody listen there? 'dead' where the socket has outlived its process. */
export function knock(path: string): Promise<'alive' | 'dead' | 'no answer'> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.on('error', (error) => {
      // EAGAIN: more have knocked than the backlog holds, so somebody listens.
      if (errnoOf(error) === 'EAGAIN') resolve('alive');
      else resolve(errnoOf(error) === 'ECONNREFUSED' ? 'dead' : 'no answer');
    });
  });
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
