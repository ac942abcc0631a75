import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import { readList } from '../../host-files/read-stored-file.js';
import type { LockParty } from '../dovecot/dotlock.js';
import { type SalvagedUidList, salvageUidList } from '../dovecot/salvage-damaged-uidlist.js';
import { formatUidList, parseUidList, type UidList } from '../dovecot/uidlist-format.js';
import type { Folder } from '../layout/folder-paths.js';
import { type Listing, listFolder, stampFolder } from './list-message-files.js';

/** A mailbox with what was last seen of it, so that a second look at something unchanged costs nothing. */
export type Mailbox = {
  readonly folder: Folder;
  /** As `Listable` has it. */
  readonly anyDelimiter: boolean;
  listing: Listing | null;
};

/** The files as they are now; null where there is no such mailbox. */
export function currentListing(mailbox: Mailbox, party: LockParty): Listing | null {
  const known = mailbox.listing;
  if (known?.settled && stampFolder(mailbox.folder)?.stamp === known.stamp) return known;
  mailbox.listing = listFolder(mailbox, party.now);
  return mailbox.listing;
}

/** The absolute path a message was last seen under, from the last listing if there was one. */
export function lastSeenPath(mailbox: Mailbox, ref: string, party: LockParty): string | null {
  mailbox.listing ??= listFolder(mailbox, party.now);
  const path = mailbox.listing?.files.get(ref);
  return path === undefined ? null : join(mailbox.folder.directory, path);
}

/**
 * Uses the file of a message, which another process may be renaming (flags) at this moment: when it is not where it was
 * last seen, it is looked for once more. Null where the message is gone.
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

/** Where the UID list of a mailbox is, or would be. */
export function uidListPath(folder: Folder): string {
  return join(folder.control, 'dovecot-uidlist');
}

/** Is there a UID list, whatever is in it? */
export function hasUidList(folder: Folder): boolean {
  return existsSync(uidListPath(folder));
}

/**
 * Null where there is none, or one that is not understood: Dovecot would throw that away and give all messages new
 * UIDs, so it is as good as none, but for what `salvageUidList` finds in it.
 */
export function readUidList(folder: Folder): UidList | null {
  const text = readUidListText(folder);
  return text === null ? null : (parseUidList(text) ?? null);
}

/** What can still be told from a list that is not understood; null where there is none. */
export function readGarbledUidList(folder: Folder): SalvagedUidList | null {
  const text = readUidListText(folder);
  return text === null ? null : salvageUidList(text);
}

function readUidListText(folder: Folder): string | null {
  return ifPresent(() => readList(uidListPath(folder)));
}

/** To be called under the list's lock only. */
export function writeUidList(folder: Folder, list: Omit<UidList, 'cutOff'>, party: LockParty): void {
  replaceFile(uidListPath(folder), formatUidList(list), party.custody);
}
