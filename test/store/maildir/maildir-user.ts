import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ifPresent } from '../../../src/fs/errno.js';
import { locateFolder } from '../../../src/store/maildir/files/folder-tree.js';
import { systemLetters } from '../../../src/store/maildir/layout/message-file-name-flags.js';

export type Layout = 'maildir++' | 'fs';

/** Another mail program in the same Maildir, one that knows nothing of UIDs. */
export type MaildirUser = {
  readonly root: string;
  directory(mailbox: string): string;
  create(mailbox: string): void;
  deliver(mailbox: string, text: string | Uint8Array, flags?: readonly string[], receivedS?: number): string;
  /** Writes a message file under exactly this path below the mailbox: `cur/x:2,S`. */
  put(mailbox: string, path: string, text: string | Uint8Array): void;
  setFlags(mailbox: string, ref: string, flags: readonly string[]): void;
  expunge(mailbox: string, ref: string): void;
  /** Message files as paths below the mailbox, sorted. */
  files(mailbox: string): string[];
  /** Sets everything's mtime back, as if it had been left alone for long. */
  settle(): void;
  clear(): void;
};

/** A new Maildir in a temporary directory; with a UID list in each mailbox if `uidLists`. */
export function makeMaildir(layout: Layout, { uidLists }: { uidLists: boolean }): MaildirUser {
  const root = mkdtempSync(join(tmpdir(), 'mrepl-maildir-'));
  const location = { root, layout, control: null, index: null, inbox: null, utf8: false };
  let count = 0;
  let settled = 1_000_000_000;

  function directory(mailbox: string): string {
    const folder = locateFolder(location, mailbox);
    if ('problem' in folder) throw new Error(`${mailbox}: ${folder.problem}`);
    return folder.directory;
  }

  function files(mailbox: string): string[] {
    const below = (name: string): string[] => {
      const names = ifPresent(() => readdirSync(join(directory(mailbox), name))) ?? [];
      return names.filter((one) => !one.startsWith('.')).map((one) => `${name}/${one}`);
    };
    return [...below('cur'), ...below('new')].sort();
  }

  function pathOf(mailbox: string, ref: string): string {
    const found = files(mailbox).find((path) => path.slice(4).split(':')[0] === ref);
    if (found === undefined) throw new Error(`${ref} is not in ${mailbox}`);
    return found;
  }

  function named(ref: string, flags: readonly string[]): string {
    const letters = [...systemLetters].filter(([, flag]) => flags.includes(flag)).map(([letter]) => letter);
    return `cur/${ref}:2,${letters.join('')}`;
  }

  const user: MaildirUser = {
    root,
    directory,
    files,
    create(mailbox) {
      for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(directory(mailbox), name), { recursive: true });
      count++;
      const guid = String(count).padStart(32, '0');
      const list = `3 V${1000 + count} N1 G${guid}\n`;
      if (uidLists) writeFileSync(join(directory(mailbox), 'dovecot-uidlist'), list);
      if (layout === 'maildir++' && mailbox !== 'INBOX') writeFileSync(join(directory(mailbox), 'maildirfolder'), '');
    },
    put(mailbox, path, text) {
      const temporary = join(directory(mailbox), 'tmp', 'arriving');
      writeFileSync(temporary, text);
      renameSync(temporary, join(directory(mailbox), path));
    },
    deliver(mailbox, text, flags = [], receivedS = 1_400_000_000) {
      if (ifPresent(() => readdirSync(join(directory(mailbox), 'cur'))) === null) user.create(mailbox);
      count++;
      const ref = `${1_500_000_000 + count}.M${count}P1.user`;
      const temporary = join(directory(mailbox), 'tmp', ref);
      writeFileSync(temporary, text);
      utimesSync(temporary, receivedS, receivedS);
      renameSync(temporary, join(directory(mailbox), flags.length === 0 ? `new/${ref}` : named(ref, flags)));
      return ref;
    },
    setFlags(mailbox, ref, flags) {
      renameSync(join(directory(mailbox), pathOf(mailbox, ref)), join(directory(mailbox), named(ref, flags)));
    },
    expunge(mailbox, ref) {
      unlinkSync(join(directory(mailbox), pathOf(mailbox, ref)));
    },
    settle() {
      settled++;
      for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
        if (['cur', 'new', 'dovecot-uidlist'].includes(entry.name)) {
          utimesSync(join(entry.parentPath, entry.name), settled, settled);
        }
      }
    },
    clear: () => rmSync(root, { recursive: true, force: true }),
  };
  mkdirSync(dirname(root), { recursive: true });
  user.create('INBOX');
  return user;
}
