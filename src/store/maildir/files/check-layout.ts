import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';
import { inbox, type MailboxName } from '../../../mail/mailbox-name.js';
import type { Folder } from '../layout/folder-paths.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import { walkTree } from '../layout/walk-directories.js';

/**
 * Throws `store-absent` where the directory holds no Maildir, or clearly one of another layout; says what it looks
 * like instead.
 */
export function checkLayout(location: MaildirLocation, folders: ReadonlyMap<MailboxName, Folder>): void {
  const { root, layout } = location;
  if (layout === 'fs') {
    if (isDotted(location, folders)) throw looksDotted(location);
    if (folders.size > 0) return;
  } else {
    if (folders.has(inbox)) return;
    if (folders.size > 0) throw inboxElsewhere(location);
    if (hasMailboxBelow(location))
      throw notMaildir(location, `its mailboxes are laid out as directories: write maildir:${root}:LAYOUT=fs`);
  }
  throw notMaildir(location, 'there is no directory "cur" in it');
}

/** So many directories are looked into for a guess: what has the name of the store may be anything, and endless. */
const guessedByMax = 1000;

/** Is there a mailbox among the first directories below it? */
function hasMailboxBelow(location: MaildirLocation): boolean {
  let looked = 0;
  for (const { kind, folder } of walkTree({ ...location, layout: 'fs' })) {
    if (kind === 'folder' && existsSync(join(location.root, folder, 'cur'))) return true;
    if (++looked === guessedByMax) break;
  }
  return false;
}

/**
 * Does what is read as an fs layout look like Maildir++? Dovecot allows names that begin with a dot there, but marks
 * no folder as one of a Maildir++; and where all names do, they are hardly names.
 */
function isDotted({ root }: MaildirLocation, folders: ReadonlyMap<MailboxName, Folder>): boolean {
  const tops = new Set([...folders.keys()].filter((name) => name !== inbox).map((name) => name.split('/')[0] ?? name));
  const dotted = [...tops].filter((name) => name.startsWith('.'));
  if (dotted.length === 0) return false;
  return dotted.length === tops.size || dotted.some((name) => existsSync(join(root, name, 'maildirfolder')));
}

function looksDotted({ root }: MaildirLocation): Failure {
  const what = 'laid out as directories, it looks like Maildir++ (folders begin with a dot)';
  return new Failure('store-absent', `${root} is not a Maildir: ${what}: write maildir:${root}`, {
    hint: 'If it is no Maildir++, and all its mailboxes have names that begin with a dot, make one whose name does not, such as Archive.',
  });
}

/** As in Debian 13, where a Dovecot that is only told of `~/Maildir` has each inbox in `/var/mail`. */
function inboxElsewhere({ root }: MaildirLocation): Failure {
  const why = `its folders are those of a Maildir++, and its inbox is not there: write maildir:${root}:INBOX=PATH`;
  return new Failure('store-absent', `${root} is not a Maildir: ${why}`, {
    hint: 'PATH is what "doveadm mailbox path -t mailbox INBOX" says; "mrepl init" without a store asks that itself.',
  });
}

/** The failure `store-absent` of a location that is no Maildir. `why`: the end of a sentence. */
export function notMaildir({ root }: MaildirLocation, why: string): Failure {
  return new Failure('store-absent', `${root} is not a Maildir: ${why}`, {
    hint: 'Is its disk mounted? A new Maildir is a directory with the empty directories cur, new and tmp in it.',
  });
}
