import { Failure } from '../failure.js';
import { errnoOf } from '../fs/errno.js';
import { isUnusable } from '../fs/open-untrusted-file.js';

/** Errors that a stick gives when it is pulled out or fails. */
const lost: ReadonlySet<string> = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ENOENT', 'ESTALE']);

/**
 * A failed system call on a stick as a Failure that says what is now true; failures pass through. Throws what is
 * neither.
 */
export function mediumFailure(doing: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  if (isUnusable(cause)) return new Failure('io', `${doing}: ${cause.message}`, { cause });
  const errno = errnoOf(cause);
  if (errno === undefined) throw cause;
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new Failure('medium-full', `${doing}: there is no room left; nothing was left behind there`, {
      hint: 'Make room; nothing is lost, the next export says it again.',
      cause,
    });
  }
  if (errno === 'EFBIG') {
    return new Failure(
      'medium-full',
      `${doing}: the file system takes no file that large; nothing was left behind there`,
      {
        hint: 'Format the stick as exFAT; nothing is lost, the next export says it again.',
        cause,
      },
    );
  }
  if (errno === 'EEXIST' || errno === 'EISDIR' || errno === 'ENOTEMPTY') {
    return new Failure(
      'cannot-create',
      `${doing}: something else has that name by now; nothing was left behind there`,
      {
        hint: 'Run the same command again: another name is taken. If that does not help, see what lies there.',
        cause,
      },
    );
  }
  if (lost.has(errno)) {
    return new Failure('medium-lost', `${doing}: the stick was removed or is failing (${errno})`, {
      hint: 'Plug it in and run the same command again.',
      cause,
    });
  }
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS') {
    const isReadOnly = errno === 'EROFS';
    const why = isReadOnly ? 'it can only be read' : 'that is not permitted';
    return new Failure('cannot-create', `${doing}: ${why}; nothing was changed`, {
      hint: isReadOnly
        ? 'Has the stick a write protection, or is it mounted read-only, as a damaged one may be?'
        : 'Mend the permissions there, or mount the stick so that you may write to it.',
      cause,
    });
  }
  return new Failure('io', `${doing}: ${errno}`, { cause });
}
