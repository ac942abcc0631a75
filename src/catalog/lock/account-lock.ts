import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';
import { knock, ownerAlive } from './is-owner-alive.js';
import { formatOwner, type Owner, parseOwner, thisProcess } from './lock-owner.js';

export type OwnerLock = {
  /** Did the last owner die without giving it back? */
  readonly lastOwnerDied: boolean;
  /** Gives the lock back; once. */
  release(): void;
};

export type LockOptions = {
  /** How long to wait for another owner to end, in milliseconds; 0 fails at once. */
  readonly waitMs: number;
  /** Milliseconds since 1970, for the message that others get. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
};

/** How often a waiting process looks again. Each look costs a readlink and a read in /proc. */
const lookEveryMs = 100;
/**
 * Bound on owners that died while they took over from a dead one, one after the other. More means something else is
 * wrong.
 */
const takeoverDepthMax = 8;

/**
 * Takes the lock on `path` (which need not exist; its directory must), for this process alone, until it is released or
 * the process ends in whatever way.
 *
 * The lock is a symbolic link `PATH.owner` whose target says who holds it: made in one step together with its content,
 * or not at all where it exists. A dead owner's link may only be replaced by who holds the lock on that, a link named
 * after the very owner that is replaced: so two that find the same dead owner cannot remove each other's new link. That
 * link then takes its place in one step: whoever dies on the way leaves a dead owner for the next to find. (A kernel
 * lock would be simpler, but Node has none: neither flock nor fcntl.)
 *
 * Throws `locked` naming the owner, `cannot-create` where no link can be made, `interrupted`.
 */
export async function lockFor(path: string, options: LockOptions): Promise<OwnerLock> {
  const directory = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  const link = `${path}.owner`;
  const nameless = thisProcess(Math.floor(options.now() / 1000));
  const listener = await listen(path, directory, nameless);
  const self: Owner = { ...nameless, socket: listener?.name ?? null };
  const letGo = (): void => {
    listener?.close();
    closeSync(directory);
  };
  let lastOwnerDied: boolean;
  try {
    lastOwnerDied = (await claimPatiently(link, self, { ...options, directory })) === 'taken over';
    await sweep(path, self, directory);
  } catch (cause) {
    letGo();
    throw cause;
  }
  return {
    lastOwnerDied,
    release() {
      try {
        // Not if somebody removed it by hand and another took the lock since.
        if (readOwner(link)?.text === formatOwner(self)) rmSync(link, { force: true });
      } catch (cause) {
        throw new Failure(
          'io',
          `giving back the lock ${link}: ${(cause as Error).message}; the next run takes it over`,
          { cause },
        );
      } finally {
        letGo();
      }
    },
  };
}

type Context = LockOptions & { readonly directory: number };

async function claimPatiently(link: string, self: Owner, context: Context): Promise<'taken' | 'taken over'> {
  for (let waitedMs = 0; ; waitedMs += lookEveryMs) {
    const holder = await claim(link, self, { ...context, depth: 0 });
    if (typeof holder === 'string') return holder;
    if (waitedMs >= context.waitMs) throw lockedFailure(link, holder);
    try {
      await sleep(Math.min(lookEveryMs, context.waitMs - waitedMs), undefined, { signal: context.signal });
    } catch (cause) {
      throw new Failure('interrupted', 'interrupted while waiting for another mrepl to end', { cause });
    }
  }
}

type Holder = { readonly owner: Owner | null; readonly alive: 'alive' | 'unknown' };

/** Taken over is the lock of a dead owner. Else who has it. */
async function claim(
  link: string,
  self: Owner,
  context: Context & { depth: number },
): Promise<Holder | 'taken' | 'taken over'> {
  for (;;) {
    if (makeLink(formatOwner(self), link)) return 'taken';
    const found = readOwner(link);
    if (found === null) continue; // released since
    const { text, owner } = found;
    if (owner === 'foreign') return { owner: null, alive: 'unknown' };
    const socket = owner.socket === null ? null : reachable(owner.socket, link, context.directory);
    const alive = await ownerAlive(owner, self, socket);
    if (alive !== 'dead') return { owner, alive };
    const outcome = await takeOver(link, text, self, context);
    if (outcome !== 'changed') return outcome;
  }
}

/** The lock on replacing a link with this target. No two owners are ever equal, so it is never wanted for another. */
export function guardOf(link: string, target: string): string {
  return `${link}.${createHash('sha256').update(target).digest('hex').slice(0, 16)}`;
}

/**
 * Puts our link in the place of that of a dead owner, `text`, under a lock of its own; 'changed' where the link is
 * another by now, else who is at it.
 */
export async function takeOver(
  link: string,
  text: string,
  self: Owner,
  context: Context & { depth: number },
): Promise<Holder | 'taken over' | 'changed'> {
  if (context.depth >= takeoverDepthMax) return { owner: null, alive: 'unknown' };
  const guard = guardOf(link, text);
  const claimed = await claim(guard, self, { ...context, depth: context.depth + 1 });
  if (typeof claimed !== 'string') return claimed;
  const now = readOwner(link);
  // Whoever had the guard before has done it already, and the link may be a new owner's.
  if (now?.text !== text) {
    unlinkSync(guard);
    return 'changed';
  }
  renameSync(guard, link);
  return 'taken over';
}

/** Removes sockets of owners that died, and locks on the replacement of such, which nobody wants any more. */
async function sweep(path: string, self: Owner, directory: number): Promise<void> {
  const [sockets, guards] = [`${basename(path)}.alive-`, `${basename(path)}.owner.`];
  for (const name of readdirSync(dirname(path))) {
    const place = join(dirname(path), name);
    if (name.startsWith(sockets) && name !== self.socket) {
      if ((await knock(reachable(name, path, directory))) === 'dead') rmSync(place, { force: true });
    } else if (name.startsWith(guards)) {
      const owner = readOwner(place)?.owner ?? 'foreign';
      const isDead = owner !== 'foreign' && (await ownerAlive(owner, self, null)) === 'dead';
      if (isDead) rmSync(place, { force: true });
    }
  }
}

function makeLink(target: string, link: string): boolean {
  try {
    symlinkSync(target, link);
    return true;
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST') return false;
    throw new Failure('cannot-create', `cannot lock: making ${link} failed: ${(cause as Error).message}`, {
      hint: 'The data directory must be writable, on a disk with room and with symbolic links (not FAT).',
      cause,
    });
  }
}

/** Null where the link is gone; foreign: nothing that this program makes. */
function readOwner(link: string): { text: string; owner: Owner | 'foreign' } | null {
  try {
    const text = readlinkSync(link);
    return { text, owner: parseOwner(text) ?? 'foreign' };
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return null;
    if (errnoOf(cause) === 'EINVAL') return { text: '', owner: 'foreign' };
    throw cause;
  }
}

function lockedFailure(link: string, { owner, alive }: Holder): Failure {
  if (owner === null) {
    return new Failure('locked', `${link} stands in the way: it is no lock that mrepl makes`, {
      hint: `If no mrepl is running for this account, remove ${link}`,
    });
  }
  // Swedes write times as everything here does, in the zone of the machine.
  const since = new Date(owner.sinceS * 1000).toLocaleString('sv-SE').slice(0, '2026-11-24 03:46'.length);
  const who = `process ${owner.pid}${alive === 'unknown' ? ` on ${owner.machine}` : ''}, since ${since}`;
  return new Failure('locked', `another mrepl is at work on this account (${who})`, {
    hint:
      alive === 'unknown'
        ? `From here it cannot be seen whether it still runs. If it certainly does not, remove ${link}`
        : 'Try again when it has ended.',
  });
}

type Listener = { readonly name: string; close(): void };

/**
 * A socket beside `path` on which this process listens, under a name nobody has; null where the file system takes none.
 */
async function listen(path: string, directory: number, { pid, turn }: Owner): Promise<Listener | null> {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${basename(path)}.alive-${pid}-${turn}${attempt === 0 ? '' : `-${attempt}`}`;
    const server = createServer((socket) => socket.destroy());
    const error = await listening(server, reachable(name, path, directory));
    if (error === null) {
      server.unref();
      return { name, close: () => server.close() };
    }
    // A leftover of an earlier process with the same pid.
    if (error.code !== 'EADDRINUSE') return null;
  }
}

function listening(server: Server, path: string): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    server.on('error', resolve);
    server.listen(path, () => resolve(null));
  });
}

/**
 * A path to a file in the locked directory that fits into a socket address (107 bytes), however long the directory's
 * own is.
 */
function reachable(name: string, sibling: string, directory: number): string {
  return process.platform === 'linux' ? `/proc/self/fd/${directory}/${name}` : join(dirname(sibling), name);
}
