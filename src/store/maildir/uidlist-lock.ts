import { type HeldLock, takeDotlock } from './dotlock.js';
import { hasUidList, uidListPath } from './mailbox.js';
import type { MaildirParts } from './parts.js';
import type { Folder } from './tree.js';

/** Takes the lock of a mailbox's UID list, or the part in it that this store has already (`holdUidList`). Throws as `takeDotlock` does. */
export async function lockUidList({ held, party }: MaildirParts, folder: Folder): Promise<HeldLock> {
  const path = lockPath(folder);
  const lock = held.get(path);
  return lock?.stillHeld() === true ? { ...lock, release() {} } : takeDotlock(path, party);
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
