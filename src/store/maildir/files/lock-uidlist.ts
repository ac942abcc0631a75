import { type HeldLock, takeDotlock } from '../dovecot/dotlock.js';
import type { Folder } from '../layout/folder-paths.js';
import { hasUidList, uidListPath } from './mailbox-listing-and-uidlist.js';
import type { MaildirParts } from './maildir-context.js';

/**
 * Takes the lock of a mailbox's UID list, or the part in it that this store has already (`holdUidList`). Throws as
 * `takeDotlock` does.
 */
export async function lockUidList({ held, party }: MaildirParts, folder: Folder): Promise<HeldLock> {
  const path = lockPath(folder);
  const lock = held.get(path);
  return lock?.stillHeld() === true ? { ...lock, release() {} } : takeDotlock(path, party);
}

/**
 * Does something to the files of a mailbox while nobody who keeps to the lock renames any; a mailbox without a UID list
 * has none.
 */
export async function whileFilesRest<T>(parts: MaildirParts, folder: Folder, work: () => T): Promise<T> {
  if (!hasUidList(folder)) return work();
  const lock = await lockUidList(parts, folder);
  try {
    return work();
  } finally {
    lock.release();
  }
}

/** Keeps the lock for several steps, until the function it gives is called; a mailbox without a UID list has none. */
export async function holdUidList({ held, party }: MaildirParts, folder: Folder): Promise<() => void> {
  if (!hasUidList(folder)) return () => undefined;
  const path = lockPath(folder);
  const lock = await takeDotlock(path, party);
  held.set(path, lock);
  return () => {
    held.delete(path);
    lock.release();
  };
}

function lockPath(folder: Folder): string {
  return `${uidListPath(folder)}.lock`;
}
