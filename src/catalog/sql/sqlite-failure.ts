import { Failure, isInterruption } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';
import { Garbled } from './parse-column.js';

// Whatever is wrong with the catalog is no trouble of the mailbox or the message that was just being looked at: it ends
// the run.
const endsRun = true;

const damageHint =
  'The mail itself is not touched. Put a copy of this file back, or move it away and set the account up again with "mrepl init".';

/**
 * Makes a Failure of whatever went wrong inside the catalog at `path`; one that is a Failure already stays as it is.
 * Both implementations of SQLite give its own messages, and only one gives codes: so the messages decide. Throws on an
 * interruption.
 */
export function sqliteFailure(cause: unknown, path: string): Failure {
  if (cause instanceof Failure) return cause;
  if (isInterruption(cause)) throw cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  const about = (text: string): string => `the catalog ${path} ${text}: ${message}`;
  if (cause instanceof Garbled || /malformed|not a database|too large to be represented/.test(message)) {
    return new Failure('store-damaged', about('is damaged'), { hint: damageHint, cause, endsRun });
  }
  if (/database is locked|database table is locked/.test(message)) {
    return new Failure('locked', about('is in use by another program'), {
      hint: 'Close the program that has it open (such as `sqlite3`), and try again.',
      cause,
      endsRun,
    });
  }
  const isOfDisk = /disk is full|disk I\/O error|readonly database|unable to open|Could not open/i.test(message);
  if (isOfDisk || errnoOf(cause) !== undefined) {
    return new Failure('io', about('cannot be read or written'), {
      hint: 'See that its disk is there, writable and not full, and run the same command again: nothing is half done.',
      cause,
      endsRun,
    });
  }
  return new Failure('internal', about('could not be used'), { cause });
}
