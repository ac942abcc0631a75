import type { Writable } from 'node:stream';
import { Failure } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';

/**
 * Writes a card, or a piece of a bundle, to standard output, and waits until the system has taken it: what comes after
 * a write that failed would be taken for sent. Throws `medium-full` where the disk behind it is full, `io` where
 * whoever reads it has gone, or it fails otherwise.
 */
export function writeToPipe(sink: Writable, chunk: Uint8Array, what: 'bundle' | 'card' = 'bundle'): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (cause) => {
      if (cause === null || cause === undefined) resolve();
      else reject(pipeFailure(cause, what));
    });
  });
}

const again = 'Run the same command again: nothing is lost.';

function pipeFailure(cause: Error, what: string): Failure {
  const doing = `writing the ${what} to standard output`;
  const errno = errnoOf(cause);
  if (errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'EFBIG') {
    const why = errno === 'EFBIG' ? 'the file system takes no file that large' : 'there is no room left';
    return new Failure(
      'medium-full',
      `${doing}: ${why}; what is there is no whole ${what}, and does not count as sent`,
      {
        hint: `Remove it, and make room. ${again}`,
        cause,
      },
    );
  }
  const isClosed = errno === 'EPIPE' || errno === 'ECONNRESET';
  const why = isClosed ? 'the pipe was closed before all of it was read' : (errno ?? cause.message);
  return new Failure('io', `${doing}: ${why}; the ${what} does not count as sent`, {
    hint: isClosed ? `What does the program behind the pipe say? ${again}` : again,
    cause,
  });
}
