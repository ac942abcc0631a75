import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { errnoOf, ifPresent } from '../../files.js';
import type { MaildirLocation } from './location.js';
import { readUidList } from './mailbox.js';
import type { Folder } from './tree.js';

/**
 * Whether a directory is a mailbox. Only one that is gone, or never was one, is `none`: what was a mailbox and has lost its
 * mail is `damaged`, so that a disk that is not mounted is not taken for mail that was deleted.
 */
export type FolderState = 'mailbox' | 'damaged' | 'none';

/** `cur` makes a mailbox. One that may not be looked into is a mailbox all the same. */
export function folderState({ layout }: Pick<MaildirLocation, 'layout'>, folder: Folder): FolderState {
  if (hasCur(folder.directory)) return 'mailbox';
  const itself = ifPresent(() => lstatSync(folder.directory));
  if (itself === null) return 'none';
  if (itself.isSymbolicLink() && !existsSync(folder.directory)) return 'damaged';
  if (['maildirfolder', 'cur', 'new', 'tmp'].some((part) => existsSync(join(folder.directory, part)))) return 'damaged';
  if ((ifPresent(() => readUidList(folder))?.records.length ?? 0) > 0) return 'damaged';
  // With an fs layout an empty directory is what is left of mailboxes below it.
  return layout === 'maildir++' && isEmptyDirectory(folder.directory) ? 'damaged' : 'none';
}

export function hasCur(directory: string): boolean {
  try {
    return statSync(join(directory, 'cur')).isDirectory();
  } catch (error) {
    const errno = errnoOf(error);
    return errno !== 'ENOENT' && errno !== 'ENOTDIR';
  }
}

export function isEmptyDirectory(directory: string): boolean {
  return ifPresent(() => readdirSync(directory))?.length === 0;
}

/** What is to be said of a mailbox in the state `damaged`. */
export function damagedFolder({ name, directory }: Folder): Failure {
  return new Failure('store-damaged', `reading ${name}: ${directory} has no directory "cur" any more`, {
    hint: 'Is its disk mounted? To delete the mailbox, remove its directory as a whole.',
  });
}
