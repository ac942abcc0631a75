import { lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../failure.js';
import { privateCustody, syncPath } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { mailboxParts } from '../layout/escape-folder-name.js';
import type { MaildirLocation } from '../layout/maildir-location.js';

/** What Dovecot may write into a directory before any mail is in it. */
const writtenBeforeMail = /^dovecot\.(?:list\.)?index|^dovecot-uidvalidity|^subscriptions$/;

/**
 * Could an empty Maildir be made there? Only where nothing is that anybody could mean instead: the directory above is
 * this user's, and the directory itself is not there, or nothing is in it. What cannot be looked at is no such place.
 */
export function couldBeginEmpty({ root, inbox }: MaildirLocation): boolean {
  if (inbox !== null) return false;
  try {
    const names = ifPresent(() => readdirSync(root));
    if (names !== null) return names.every((name) => writtenBeforeMail.test(name));
    if (ifPresent(() => lstatSync(root)) !== null) return false;
    const above = ifPresent(() => statSync(dirname(root)));
    return above?.isDirectory() === true && above.uid === process.geteuid?.();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return false;
  }
}

/** The directories that make a Maildir of nothing. */
export function emptyMaildirDirectories({ root }: MaildirLocation): string[] {
  return mailboxParts.map((part) => join(root, part));
}

/** Makes an empty Maildir for its owner alone; its directories are on the disk then. Throws `cannot-create`. */
export function beginEmpty(location: MaildirLocation): void {
  const { root } = location;
  const { dirMode: mode } = privateCustody;
  try {
    for (const directory of emptyMaildirDirectories(location)) mkdirSync(directory, { mode, recursive: true });
    syncPath(root);
    syncPath(dirname(root));
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new Failure('cannot-create', `making a Maildir in ${root}: ${(cause as Error).message}`, { cause });
  }
}
