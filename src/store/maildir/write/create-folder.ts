import { dirname, join } from 'node:path';
import { type Custody, createFile, replaceFile, syncPath } from '../../../fs/durable-write.js';
import { errnoOf } from '../../../fs/errno.js';
import { hasCur } from '../files/folder-kind.js';
import { lockUidList } from '../files/lock-uidlist.js';
import { hasUidList, writeUidList } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { assertOwnFolder } from '../layout/assert-folder-is-owners.js';
import type { Folder } from '../layout/folder-paths.js';
import { makeDirectories } from '../layout/make-directories.js';
import { nameFile, readNameFile } from '../layout/shortened-folder-name.js';

/**
 * Makes a mailbox, with a UID list that says what `uids` does if that is not null (Dovecot honours it). `cur`, which
 * makes it a mailbox, comes last: what an interruption leaves is no mailbox to anybody, and to do it again completes
 * it. False where somebody else made it meanwhile.
 */
export async function createFolder(
  parts: MaildirParts,
  folder: Folder,
  uids: { readonly uidValidity: number; readonly uidNext: number } | null,
): Promise<boolean> {
  const { custody } = parts.party;
  assertOwnFolder(parts.location, folder);
  makeDirectories(folder.directory, custody);
  makeDirectories(folder.control, custody);
  const lock = uids === null ? null : await lockUidList(parts, folder);
  try {
    if (hasCur(folder.directory)) return false;
    if (uids !== null) {
      const list = { uidValidity: uids.uidValidity, headerUidNext: uids.uidNext, mailboxGuid: parts.newMailboxGuid() };
      writeUidList(folder, { ...list, otherFields: [], records: [] }, parts.party);
    } else if (hasUidList(folder)) return false;
    if (parts.location.layout === 'maildir++' && folder.directory !== parts.location.root) {
      markFolder(folder, custody);
    }
    nameFolder(parts, folder);
    for (const name of ['tmp', 'new']) makeDirectories(join(folder.directory, name), custody);
    syncPath(folder.directory); // or `cur` may be all of it that a power failure leaves
    makeDirectories(join(folder.directory, 'cur'), custody);
  } finally {
    lock?.release();
  }
  for (const path of [folder.directory, dirname(folder.directory)]) syncPath(path);
  return true;
}

/**
 * Writes into directories with shortened names what these stand for, where they do not say it: without, nobody knew
 * which mailbox it is.
 */
export function nameFolder({ party }: MaildirParts, { tails }: Folder): void {
  for (const { directory, tail } of tails) {
    if (readNameFile(directory) !== tail) replaceFile(join(directory, nameFile), `${tail}\n`, party.custody);
  }
}

/** Tells delivery agents that this is a folder of a Maildir++ and not one of its own. */
function markFolder(folder: Folder, custody: Custody): void {
  try {
    createFile(join(folder.directory, 'maildirfolder'), '', custody);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
