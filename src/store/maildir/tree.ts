import { readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { ifPresent } from '../../files.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { Trouble } from '../../mail/trouble.js';
import { folderOfName, nameOfFolder } from './folder-name.js';
import { damagedFolder, folderState, hasCur } from './folder-state.js';
import type { MaildirLocation } from './location.js';

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

/** More directories than this below an fs layout, inclusive, mean that the root is not a mail store: stop walking. */
const directoriesMax = 100_000;

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
  for (const found of location.layout === 'fs' ? walk(location) : listDotted(location)) {
    const name = nameOfFolder(found, location);
    const folder = locateFolder(location, name ?? found, found);
    if ('problem' in folder) continue;
    const state = folderState(location, folder);
    if (state === 'none' || state === 'bare') continue;
    if (name === undefined) {
      troubles.push(leftOut(found, 'its directory name is not one a mailbox can have'));
    } else if (state !== 'mailbox') {
      troubles.push({ subject: name, failure: damagedFolder(folder) });
    } else if (!folders.has(name)) {
      folders.set(name, folder);
      spellings.set(name, found);
    } else {
      const usual = folderOfName(name, location);
      const isUsual = 'folder' in usual && usual.folder === found;
      const other = spellings.get(name) ?? name;
      troubles.push(leftOut(isUsual ? other : found, `the folder ${isUsual ? found : other} also means ${name}`));
      if (isUsual) folders.set(name, folder);
    }
  }
  return { folders, troubles };
}

function* listDotted({ root }: MaildirLocation): Iterable<string> {
  for (const entry of readRoot(root)) {
    // `..DOVECOT-TRASHED` and the like are no mailboxes
    if (!entry.name.startsWith('.') || entry.name.startsWith('..')) continue;
    if (entry.isDirectory() || (entry.isSymbolicLink() && !isAlias(root, join(root, entry.name)))) yield entry.name;
  }
}

function* walk({ root, inbox: inboxPath }: MaildirLocation): Iterable<string> {
  let count = 0;
  const linked = new Set<string>();
  const waiting = [''];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    const directory = join(root, below);
    const entries =
      below === '' ? readRoot(root) : (ifPresent(() => readdirSync(directory, { withFileTypes: true })) ?? []);
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (['cur', 'new', 'tmp'].includes(entry.name) || path === inboxPath) continue;
      if (entry.isSymbolicLink()) {
        const target = ifPresent(() => realpathSync(path)) ?? path;
        if (isAlias(root, path) || linked.has(target)) continue;
        linked.add(target); // links elsewhere can lead in circles
      } else if (!entry.isDirectory()) continue;
      count++;
      if (count > directoriesMax) {
        throw new Failure('store-damaged', `listing the mailboxes below ${root}: there are over ${directoriesMax}`);
      }
      const folder = below === '' ? entry.name : `${below}/${entry.name}`;
      waiting.push(folder);
      yield folder;
    }
  }
}

/** Links within the store give one mailbox two names: it is taken by its own. One that leads nowhere is none. */
function isAlias(root: string, path: string): boolean {
  const target = ifPresent(() => realpathSync(path));
  if (target === null) return false;
  const top = realpathSync(root);
  return `${target}/`.startsWith(`${top}/`) || top.startsWith(`${target}/`);
}

function readRoot(root: string) {
  const entries = ifPresent(() => readdirSync(root, { withFileTypes: true }));
  if (entries !== null) return entries;
  throw new Failure('store-absent', `the mail store ${root} is not there`, {
    hint: 'Is its disk mounted? Nothing was changed.',
  });
}

function leftOut(folder: string, why: string): Trouble {
  const failure = new Failure('store-damaged', `the folder ${folder} is left out: ${why}`, {
    hint: 'Rename the folder; its mail is not touched.',
  });
  return { subject: folder, failure };
}
