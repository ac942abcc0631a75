import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import { troubleOf } from '../../host-files/io-failure.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { nameFile } from '../layout/shortened-folder-name.js';
import { hasUidList, readUidList } from './mailbox-listing-and-uidlist.js';

/**
 * What a directory is. mailbox: it has `cur`. half: it has other parts of a mailbox, as where its making was
 * interrupted. lost: there was mail in it, or it is no directory any more, so that a disk that is not mounted, or a
 * packed mailbox, is not taken for mail that was deleted. bare: an empty directory, or one only marked as a folder:
 * whoever knew it as a mailbox can tell that it lost something, nobody else. none: gone, or never a mailbox.
 */
export type FolderState = 'mailbox' | 'half' | 'lost' | 'bare' | 'none';

/** One that may not be looked into is a mailbox. */
export function folderState({ layout }: Pick<MaildirLocation, 'layout'>, folder: Folder): FolderState {
  if (hasCur(folder.directory)) return 'mailbox';
  const itself = ifPresent(() => lstatSync(folder.directory));
  if (itself === null) return 'none';
  if (itself.isSymbolicLink() ? !existsSync(folder.directory) : !itself.isDirectory()) return 'lost';
  if (recordsMail(folder)) return 'lost';
  if (['new', 'tmp'].some((part) => existsSync(join(folder.directory, part)))) return 'half';
  if (existsSync(join(folder.directory, 'maildirfolder'))) return 'bare';
  // With an fs layout an empty directory is what is left of mailboxes below it.
  return layout === 'maildir++' && isBareDirectory(folder.directory) ? 'bare' : 'none';
}

/** Is it a directory with a `cur`? One that may not be looked into counts as one. */
export function hasCur(directory: string): boolean {
  try {
    return ifPresent(() => statSync(join(directory, 'cur')).isDirectory()) ?? false;
  } catch (error) {
    troubleOf(`looking into ${directory}`, error);
    return true; // it may not be looked into
  }
}

/** Does its UID list name mail? One that cannot be read, or is not understood, might. */
function recordsMail(folder: Folder): boolean {
  try {
    const list = readUidList(folder);
    return list === null ? hasUidList(folder) : list.records.length > 0;
  } catch (error) {
    troubleOf(`reading the UID list of ${folder.name}`, error);
    return true;
  }
}

function isBareDirectory(directory: string): boolean {
  return ifPresent(() => readdirSync(directory))?.every((name) => name === nameFile) ?? false;
}

/** What is to be said of a mailbox that has a `cur` and no `new`. */
export function withoutNew({ name, directory }: Folder): Failure {
  return new Failure('store-damaged', `reading ${name}: ${directory} has no directory "new"`, {
    hint: 'Put it back, or make an empty one; until then no message of the mailbox is taken for expunged.',
  });
}

/** What is to be said of a directory that was a mailbox, or is to be one, and has no `cur`. */
export function damagedFolder({ name, directory }: Folder): Failure {
  if (ifPresent(() => statSync(directory))?.isFile()) {
    return new Failure('store-damaged', `reading ${name}: ${directory} is a file`, {
      hint: 'A file lies where a directory has to be: move it away.',
    });
  }
  return new Failure('store-damaged', `reading ${name}: ${directory} has no directory "cur"`, {
    hint: 'Is its disk mounted? Put "cur" back to have the mailbox again; to delete it, remove its directory as a whole.',
  });
}
