import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { ifPresent, replaceFile } from '../../files.js';
import type { LockParty } from './dotlock.js';
import { type Listing, listFolder, stampFolder } from './listing.js';
import type { Folder } from './tree.js';
import { formatUidList, parseUidList, type UidList } from './uidlist.js';

/** A mailbox with what was last seen of it, so that a second look at something unchanged costs nothing. */
export type Mailbox = {
  readonly folder: Folder;
  listing: Listing | null;
};

/** The files as they are now; null where there is no such mailbox. */
export function currentListing(mailbox: Mailbox, party: LockParty): Listing | null {
  const known = mailbox.listing;
  if (known?.settled && stampFolder(mailbox.folder)?.stamp === known.stamp) return known;
  mailbox.listing = listFolder(mailbox.folder, party.now);
  return mailbox.listing;
}

/** The absolute path a message was last seen under, from the last listing if there was one. */
export function lastSeenPath(mailbox: Mailbox, ref: string, party: LockParty): string | null {
  mailbox.listing ??= listFolder(mailbox.folder, party.now);
  const path = mailbox.listing?.files.get(ref);
  return path === undefined ? null : join(mailbox.folder.directory, path);
}

/**
 * Uses the file of a message, which another process may be renaming (flags) at this moment: when it is not where it was last
 * seen, it is looked for once more. Null where the message is gone.
 */
export function withMessageFile<T>(
  mailbox: Mailbox,
  ref: string,
  how: { party: LockParty; use: (path: string) => T },
): T | null {
  const seen = lastSeenPath(mailbox, ref, how.party);
  const first = seen === null ? null : ifPresent(() => how.use(seen));
  if (first !== null) return first;
  mailbox.listing = null;
  const found = lastSeenPath(mailbox, ref, how.party);
  return found === null ? null : ifPresent(() => how.use(found));
}

export function uidListPath(folder: Folder): string {
  return join(folder.control, 'dovecot-uidlist');
}

export function hasUidList(folder: Folder): boolean {
  return existsSync(uidListPath(folder));
}

/** Null where there is none. Throws `store-damaged` for one that is not understood: it is never overwritten. */
export function readUidList(folder: Folder): UidList | null {
  const path = uidListPath(folder);
  const text = ifPresent(() => readFileSync(path, 'utf8'));
  if (text === null) return null;
  const list = parseUidList(text);
  if (list !== undefined) return list;
  throw new Failure('store-damaged', `reading the UID list of ${folder.name}: ${path} is not understood`, {
    hint: 'Dovecot will give all messages new UIDs when the mailbox is opened next; restore the file to keep them.',
  });
}

/** To be called under the list's lock only. */
export function writeUidList(folder: Folder, list: Omit<UidList, 'cutOff'>, party: LockParty): void {
  replaceFile(uidListPath(folder), formatUidList(list), party.custody);
}
