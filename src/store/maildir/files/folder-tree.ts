import { join } from 'node:path';
import { type Advice, advice, Failure, typed } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import { troubleOf } from '../../host-files/io-failure.js';
import { fromCharset, isEscapedByPlugin } from '../layout/escape-folder-name.js';
import {
  folderOfName,
  nameOfFolder,
  nameOfSpelledParts,
  partsOfFolder,
  type Spelled,
  type TailOf,
} from '../layout/folder-name-mapping.js';
import type { Folder } from '../layout/folder-paths.js';
import { formatMaildirLocation, type MaildirLocation } from '../layout/maildir-location.js';
import { isShortened, nameFile, readNameFile } from '../layout/shortened-folder-name.js';
import { type Found, walkTree } from '../layout/walk-directories.js';
import { damagedFolder, folderState, hasCur } from './folder-kind.js';

/** The mailboxes of a store by name, and names whose directory is not spelled as this program would spell it. */
export type Tree = {
  readonly folders: ReadonlyMap<MailboxName, Folder>;
  readonly troubles: readonly Trouble[];
  /** Mailboxes whose directory does not say which it is, as it should. */
  readonly unnamed: ReadonlySet<string>;
  /** With what is known only from the names there: whether a Dovecot escapes them. */
  readonly location: MaildirLocation;
};

/**
 * Where the mailbox lies, or would lie; `problem` says why it cannot be here. `folder` overrules the usual spelling;
 * `isTaken` where the usual directory is that of another mailbox.
 */
export function locateFolder(
  location: MaildirLocation,
  name: MailboxName,
  { folder, isTaken = false }: { readonly folder?: string; readonly isTaken?: boolean } = {},
): Folder | { readonly problem: string } {
  const spelled: Spelled = folder === undefined ? folderOfName(name, location, { isTaken }) : { folder, tails: [] };
  if ('problem' in spelled) return spelled;
  const inboxElsewhere = location.layout === 'fs' ? 'INBOX' : '.INBOX';
  const below = spelled.folder === '' ? inboxElsewhere : spelled.folder;
  const directory = spelled.folder === '' ? (location.inbox ?? location.root) : join(location.root, spelled.folder);
  return {
    name,
    directory,
    control: location.control === null ? directory : join(location.control, below),
    index: location.index === null ? null : join(location.index, below),
    tails: spelled.tails.map(({ folder: at, tail }) => ({ directory: join(location.root, at), tail })),
  };
}

/** What the directories of shortened names say of themselves. */
export function tailsIn({ root }: MaildirLocation): TailOf {
  return (folder) => readNameFile(join(root, folder));
}

/**
 * All mailboxes: one listing of the root and one stat per folder for Maildir++, a walk for fs. Throws `store-absent`
 * where the root is not there.
 */
export function readTree(given: MaildirLocation): Tree {
  const folders = new Map<MailboxName, Folder>();
  const troubles: Trouble[] = [];
  const spellings = new Map<MailboxName, string>();
  const unnamed = new Set<string>();
  const walked = [...walkTree(given)];
  const location = { ...given, listescape: given.listescape ?? isEscapedByPlugin(partsOf(walked, given), given) };
  const tailOf = tailsIn(location);
  const top = locateFolder(location, inbox);
  const topDirectory = 'problem' in top ? null : top.directory;
  if (!('problem' in top) && hasCur(top.directory)) folders.set(inbox, top);
  for (const found of walked) {
    const name = nameOfFolder(found.folder, location, tailOf);
    if (found.kind !== 'folder') {
      troubles.push(troubleWith(found, name, location));
      continue;
    }
    const folder = locateFolder(location, name ?? found.folder, { folder: found.folder });
    if ('problem' in folder || folder.directory === topDirectory) continue; // the inbox may lie among the folders
    const state = folderState(location, folder);
    if (state === 'none' || state === 'bare') continue;
    if (name === undefined && hasShortenedPart(found.folder, location)) {
      unnamed.add(folder.directory);
      troubles.push(nameless(folder.directory, found.folder));
    } else if (name === undefined) {
      troubles.push(unnameable(found.folder, folder.directory, given));
    } else if (state !== 'mailbox') {
      troubles.push({ subject: name, failure: damagedFolder(folder) });
    } else if (!folders.has(name)) {
      folders.set(name, folder);
      spellings.set(name, found.folder);
    } else {
      const usual = folderOfName(name, location);
      const isUsual = 'folder' in usual && usual.folder === found.folder;
      const other = spellings.get(name) ?? name;
      const [taken, left] = isUsual ? [found.folder, other] : [other, found.folder];
      troubles.push(leftOut(left, `the folder ${taken} also means ${name}`));
      if (isUsual) folders.set(name, folder);
    }
  }
  return { folders, troubles, unnamed, location };
}

function* partsOf(walked: readonly Found[], location: MaildirLocation): Iterable<string> {
  for (const { kind, folder } of walked) if (kind === 'folder') yield* partsOfFolder(folder, location);
}

function hasShortenedPart(folder: string, location: MaildirLocation): boolean {
  return partsOfFolder(folder, location).some((part) => isShortened(fromCharset(part, location) ?? ''));
}

function nameless(directory: string, folder: string): Trouble {
  const failure = new Failure(
    'store-damaged',
    `the folder ${folder} is left out: its name is shortened, and ${join(directory, nameFile)} does not say what it stands for`,
    {
      hint: 'The next change in the mailbox writes that file anew, where the catalog knows the mailbox; else rename the folder. Its mail is not touched.',
    },
  );
  return { subject: folder, failure };
}

function troubleWith(
  found: Exclude<Found, { readonly kind: 'folder' }>,
  name: MailboxName | undefined,
  { root }: MaildirLocation,
): Trouble {
  const { folder } = found;
  if (found.kind === 'unreadable') {
    return {
      subject: name ?? folder,
      failure: troubleOf(`listing the mailboxes below ${name ?? folder}`, found.error),
    };
  }
  if (found.kind === 'garbled') return leftOut(folder, 'its directory name is not valid UTF-8');
  const path = join(root, folder);
  const failure = new Failure(
    'store-damaged',
    `${path} is left out: in a Maildir++ the names of folders begin with a dot`,
    {
      hint: 'If its mailboxes are directories within directories, set the account up with LAYOUT=fs; else move it elsewhere.',
    },
  );
  return { subject: path, failure };
}

/**
 * A directory whose name is no mailbox's as the store is described: mostly it is described otherwise than its programs
 * use it.
 */
function unnameable(folder: string, directory: string, location: MaildirLocation): Trouble {
  const parts = partsOfFolder(folder, location);
  if (nameOfSpelledParts(parts, location) === inbox) {
    const spec = formatMaildirLocation({ ...location, inbox: directory });
    const why = `it is called like the inbox, which is ${location.inbox ?? location.root}`;
    return leftOut(folder, why, advice`If it is the inbox: ${typed('mrepl', 'relocate', spec)}`);
  }
  if (parts.some((part) => fromCharset(part, location) === undefined)) {
    const spec = formatMaildirLocation({ ...location, utf8: true });
    const why = 'its name is not in modified UTF-7, as the names of folders are unless the store is said to be :UTF-8';
    return leftOut(
      folder,
      why,
      advice`If your mail programs write names of folders in plain UTF-8: ${typed('mrepl', 'relocate', spec)}`,
    );
  }
  return leftOut(folder, 'its directory name is not one a mailbox can have');
}

function leftOut(
  folder: string,
  why: string,
  hint: Advice | string = 'Rename the folder; its mail is not touched.',
): Trouble {
  const failure = new Failure('store-damaged', `the folder ${folder} is left out: ${why}`, { hint });
  return { subject: folder, failure };
}
