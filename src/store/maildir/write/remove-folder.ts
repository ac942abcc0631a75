import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { syncPath } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';
import { inbox } from '../../../mail/mailbox-name.js';
import { folderState } from '../files/folder-kind.js';
import { listFolder } from '../files/list-message-files.js';
import { lockUidList } from '../files/lock-uidlist.js';
import { hasUidList, type Mailbox } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import type { Folder } from '../layout/folder-paths.js';
import { makeDirectories } from '../layout/make-directories.js';
import { nameFile } from '../layout/shortened-folder-name.js';

/**
 * What a mailbox consists of besides mail: Maildir's own files, and what Dovecot, Courier, mbsync and OfflineIMAP, and
 * this program keep beside it. They are of no use without the mailbox; anything else may be its user's, and stays, with
 * the directory.
 */
const ownFile =
  /^(maildirfolder|maildirsize|dovecot[-.].*|courier(?:imap|pop3d).*|\.uidvalidity|\.mbsyncstate.*|\.isyncuidmap\.db|\.mrepl-(?!name$).*)$/;

/** What `cur` and `new` are put into, in `tmp`, before they go. */
export const asidePrefix = 'mrepl.removed.';

/**
 * Removes a mailbox without messages; false, and nothing done, where there is one, also one that comes in the last
 * moment. The inbox is never removed. A mailbox that is not there is removed already; one that an interruption left
 * half removed is removed.
 */
export async function removeFolder(parts: MaildirParts, { folder }: Mailbox): Promise<boolean> {
  const state = folderState(parts.location, folder);
  if (state === 'none') return true;
  if (folder.name === inbox) return false;
  accessSync(dirname(folder.directory), constants.W_OK); // else only half of it would go
  if (state !== 'mailbox') putBack(parts, folder);
  const lock = hasUidList(folder) ? await lockUidList(parts, folder) : null;
  try {
    if (!isEmpty(parts, folder)) return false;
    const temporary = join(folder.directory, 'tmp');
    const aside = join(temporary, `${asidePrefix}${process.pid}`);
    mkdirSync(aside, { recursive: true, mode: parts.party.custody.dirMode });
    syncPath(temporary); // what it shows has to be there after a power failure before anything is missing
    // Taken away before they are looked into for the last time: nothing can be delivered into them any more. `cur`
    // first: without it this is no mailbox to anybody, and with it one that has lost `new`.
    const taken = ['cur', 'new'].filter((name) => {
      if (!moved(join(folder.directory, name), join(aside, name))) return false;
      for (const directory of [aside, folder.directory]) syncPath(directory);
      return true;
    });
    if (!isEmpty(parts, { ...folder, directory: aside })) {
      for (const name of taken) renameSync(join(aside, name), join(folder.directory, name));
      rmSync(aside, { recursive: true, force: true });
      return false;
    }
    for (const directory of new Set([folder.control, folder.index, folder.directory])) {
      if (directory === null) continue;
      clear(directory);
      ifPresent(() => syncPath(directory));
    }
    rmSync(temporary, { recursive: true, force: true }); // last: it shows that the rest was taken away on purpose
  } finally {
    lock?.release();
  }
  removeEmptyParents(parts, folder);
  return true;
}

/**
 * Can what is left of a mailbox be that of an interrupted removal? Then no mail is in it that is known: a removal
 * begins when the last message is gone.
 */
export function isLeftOfRemoval({ location }: MaildirParts, folder: Folder): boolean {
  const state = folderState(location, folder);
  if (state === 'half' || state === 'bare') return true;
  return state === 'lost' && namesIn(join(folder.directory, 'tmp')).some((name) => name.startsWith(asidePrefix));
}

/** Puts back what an interrupted removal took away, so that the same steps, with the same precautions, remove it. */
export function putBack({ party }: MaildirParts, { directory }: Folder): void {
  const temporary = join(directory, 'tmp');
  for (const name of namesIn(temporary)) {
    if (!name.startsWith(asidePrefix)) continue;
    for (const part of ['new', 'cur']) {
      const [from, to] = [join(temporary, name, part), join(directory, part)];
      if (!existsSync(to)) moved(from, to);
      else for (const file of namesIn(from)) moved(join(from, file), join(to, file)); // it was made anew since
      ifPresent(() => rmdirSync(from));
    }
    ifPresent(() => rmdirSync(join(temporary, name)));
  }
  for (const part of ['new', 'cur']) makeDirectories(join(directory, part), party.custody);
}

function namesIn(directory: string): string[] {
  return ifPresent(() => readdirSync(directory)) ?? [];
}

function isEmpty(parts: MaildirParts, folder: Folder): boolean {
  const listing = listFolder({ folder, anyDelimiter: false }, parts.party.now);
  return listing === null || (listing.files.size === 0 && listing.troubles.length === 0);
}

/** False where there was nothing to move. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function clear(directory: string): void {
  for (const name of namesIn(directory)) {
    if (ownFile.test(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

/**
 * The directory itself goes unless something else is in it, such as mailboxes below; with an fs layout also parents
 * that held nothing else.
 */
function removeEmptyParents({ location }: MaildirParts, folder: Folder): void {
  for (const [directory, top] of [
    [folder.directory, location.root],
    [folder.control, location.control],
    [folder.index, location.index],
  ]) {
    for (let at = directory; typeof at === 'string' && at !== top && existsSync(at); at = dirname(at)) {
      try {
        // What a shortened name stands for is of no use where nothing is left.
        if (namesIn(at).every((name) => name === nameFile)) removeName(join(at, nameFile));
        rmdirSync(at);
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        break; // not empty
      }
    }
  }
  ifPresent(() => syncPath(location.root));
}
