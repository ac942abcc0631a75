import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import type { Delimiter } from '../layout/message-file-name-flags.js';
import { checkLayout } from './check-layout.js';
import { mostUsed, usualDelimiter } from './flag-delimiter-in-use.js';
import { hasCur } from './folder-kind.js';
import { locateFolder, readTree, type Tree } from './folder-tree.js';
import { hasUidList, type Mailbox } from './mailbox-listing-and-uidlist.js';

/** Which mailboxes a Maildir has, and where each lies, as it was last read. */
export type MailboxFinder = {
  /** Reads it anew. Throws `store-absent` where it is no Maildir any more. */
  readAgain(): Tree;
  tree(): Tree;
  folders(): ReadonlyMap<MailboxName, Folder>;
  /** Where a mailbox is or would be; `problem` says why it cannot be here. */
  folderOf(name: MailboxName): Folder | { readonly problem: string };
  mailbox(name: MailboxName): Mailbox | { readonly problem: string };
  /** A mailbox is removed: what is known of it holds no longer. */
  forget(name: MailboxName): void;
  /** Anything may have changed. */
  forgetAll(): void;
  /** Does a Dovecot serve this store? Some mailbox has a UID list then. */
  isDovecots(): boolean;
  /** What stands before the flags of files that are delivered to the mailbox, or get the first of theirs. */
  delimiterFor(mailbox: Mailbox): Delimiter;
};

/** `now`: milliseconds since 1970. */
export function createMailboxFinder(location: MaildirLocation, now: () => number): MailboxFinder {
  const mailboxes = new Map<MailboxName, Mailbox>();
  const { readAgain, forget, tree, folderOf } = treeOf(location);
  let dovecots: boolean | null = null;
  let delimiter: Delimiter | null = null;

  const folders = (): ReadonlyMap<MailboxName, Folder> => tree().folders;

  function isDovecots(): boolean {
    dovecots ??=
      location.control !== null ||
      existsSync(join(location.root, 'dovecot-uidvalidity')) ||
      [...folders().values()].some(hasUidList);
    return dovecots;
  }

  return {
    ...{ tree, folders, folderOf, isDovecots },
    readAgain() {
      const found = readAgain();
      mailboxes.clear();
      delimiter = null;
      dovecots ||= null; // it may have come since
      return found;
    },
    mailbox(name) {
      const known = mailboxes.get(name);
      if (known !== undefined) return known;
      const folder = folderOf(name);
      if ('problem' in folder) return folder;
      const mailbox: Mailbox = { folder, anyDelimiter: !isDovecots(), listing: null };
      mailboxes.set(name, mailbox);
      return mailbox;
    },
    forget(name) {
      mailboxes.delete(name);
      forget();
    },
    forgetAll() {
      mailboxes.clear();
      forget();
    },
    delimiterFor(mailbox) {
      if (!mailbox.anyDelimiter) return ':';
      const here = mailbox.listing === null ? null : mostUsed(mailbox.listing);
      if (here !== null) return here;
      const all = [...folders().values()].map((folder) => ({ folder, anyDelimiter: true }));
      delimiter ??= usualDelimiter(all, now);
      return delimiter;
    },
  };
}

/** The directories, read when they are first asked for. */
function treeOf(location: MaildirLocation) {
  let read: Tree | null = null;
  const tree = (): Tree => {
    read ??= readTree(location);
    return read;
  };

  /** Is there a directory of just this name? It is looked for once more, as it may have been made since. */
  function isListed(name: MailboxName, { directory }: Folder): boolean {
    const isIn = ({ folders, unnamed }: Tree): boolean => folders.has(name) || unnamed.has(directory);
    if (isIn(tree())) return true;
    read = null;
    return isIn(tree());
  }

  return {
    tree,
    readAgain(): Tree {
      const found = readTree(location);
      checkLayout(location, found.folders);
      read = found;
      return found;
    },
    forget(): void {
      read = null;
    },
    /**
     * A directory may be spelled otherwise than this program would spell it. What would be written into that of another
     * mailbox, by a link or because case does not count there, has one with a name of its own.
     */
    folderOf(name: MailboxName): Folder | { readonly problem: string } {
      const usual = locateFolder(tree().location, name);
      if ('problem' in usual || name === inbox) return usual;
      if (!hasCur(usual.directory)) return tree().folders.get(name) ?? usual;
      if (isListed(name, usual)) return tree().folders.get(name) ?? usual;
      return locateFolder(tree().location, name, { isTaken: true });
    },
  };
}
