import { join } from 'node:path';
import { createFile, privateCustody } from '../../../fs/durable-write.js';
import { errnoOf } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';

/**
 * Makes whoever watches a mailbox look at it, or find at the next look that something happened: a file comes and goes
 * in its `cur`.
 */
export function wake(mailboxDirectory: string): void {
  const path = join(mailboxDirectory, 'cur', '.mrepl-wake');
  removeName(path); // of a run that died, or none of ours
  try {
    createFile(path, '', privateCustody);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error; // somebody else has just made one
  }
  removeName(path);
}
