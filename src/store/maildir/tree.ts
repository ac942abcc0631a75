import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { Trouble } from '../../mail/trouble.js';
import { folderOfName, nameOfFolder } from './folder-name.js';
import { damagedFolder, folderState, hasCur } from './folder-state.js';
import { ioFailure } from './io-failure.js';
import type { MaildirLocation } from './location.js';
import { type Found, walkTree } from './tree-walk.js';

/** Where one mailbox lies. */
export type Folder = {
  readonly name: MailboxName;
  /** Holds `cur`, `new` and `tmp`. */
  readonly directory: string;
  /** Holds `dovecot-uidlist` and `dovecot-keywords`; mostly the same. */
  readonly control: string;
  /** Holds Dovecot's indexes where they are not with the mail, else null. */
  readonly index: string | null;
};

/** The mailboxes of a store by name, and names whose directory is not spelled as this program would spell it. */
export type Tree = { readonly folders: ReadonlyMap<MailboxName, Folder>; readonly troubles: readonly Trouble[] };

/** Where the mailbox lies, or would lie; `problem` says why it cannot be here. `folder` overrules the usual spelling. */
export function locateFolder(
  location: MaildirLocation,
  name: MailboxName,
  folder?: string,
): Folder | { readonly problem: string } {
  const spelled = folder === undefined ? folderOfName(name, location) : { folder };
  if ('problem' in spelled) return spelled;
  const inboxElsewhere = location.layout === 'fs' ? 'INBOX' : '.INBOX';
  const below = spelled.folder === '' ? inboxElsewhere : spelled.folder;
  const directory = spelled.folder === '' ? (location.inbox ?? location.root) : join(location.root, spelled.folder);
  return {
    name,
    directory,
    control: location.control === null ? directory : join(location.control, below),
    index: location.index === null ? null : join(location.index, below),
  };
}

/**
 * All mailboxes: one listing of the root and one stat per folder for Maildir++, a walk for fs. Throws `store-absent` where
 * the root is not there.
 */
export function readTree(location: MaildirLocation): Tree {
  const folders = new Map<MailboxName, Folder>();
  const troubles: Trouble[] = [];
  const spellings = new Map<MailboxName, string>();
  const top = locateFolder(location, inbox);
  if (!('problem' in top) && hasCur(top.directory)) folders.set(inbox, top);
  for (const found of walkTree(location)) {
    const name = nameOfFolder(found.folder, location);
    if (found.kind !== 'folder') {
      troubles.push(troubleWith(found, name, location));
      continue;
    }
    const folder = locateFolder(location, name ?? found.folder, found.folder);
    if ('problem' in folder) continue;
    const state = folderState(location, folder);
    if (state === 'none' || state === 'bare') continue;
    if (name === undefined) {
      troubles.push(leftOut(found.folder, 'its directory name is not one a mailbox can have'));
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
  return { folders, troubles };
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
      failure: ioFailure(`listing the mailboxes below ${name ?? folder}`, found.error),
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

function leftOut(folder: string, why: string): Trouble {
  const failure = new Failure('store-damaged', `the folder ${folder} is left out: ${why}`, {
    hint: 'Rename the folder; its mail is not touched.',
  });
  return { subject: folder, failure };
}
