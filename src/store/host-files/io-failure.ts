import { Failure, isInterruption, isOfOneThing } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';

const hints: Record<string, string> = {
  ENOSPC: 'The disk of the mail store is full: make room and run the same command again.',
  EDQUOT: 'The disk quota of the mail store is used up: make room and run the same command again.',
  EACCES: 'Check the permissions, or run as the user who owns the mail.',
  EPERM: 'Check the permissions, or run as the user who owns the mail.',
  ENOTDIR: 'A file lies where a directory has to be: move it away.',
  EEXIST: 'Something else lies there already: move it away.',
  ENAMETOOLONG: 'Names are shorter on the disk of the mail store: rename the mailbox on the host that it comes from.',
  EROFS: 'The disk of the mail store is mounted read-only.',
};

/** A failed system call as a Failure; anything else is our own mistake. `doing` names what was done, and to what. */
export function ioFailure(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isInterruption(error)) throw error;
  const errno = errnoOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (errno === undefined) return new Failure('internal', `internal error while ${doing}: ${reason}`, { cause: error });
  const hint = hints[errno];
  return new Failure('io', `${doing}: ${reason}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** Does `work`, and throws `ioFailure` of what it throws. */
export async function withIoFailures<T>(doing: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw ioFailure(doing, error);
  }
}

/** `ioFailure` where only one thing among others is hit by it. Throws what ends the run. */
export function troubleOf(doing: string, error: unknown): Failure {
  const failure = ioFailure(doing, error);
  if (!isOfOneThing(failure)) throw failure;
  return failure;
}
