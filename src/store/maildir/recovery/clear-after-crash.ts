import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replacedBy } from '../../../fs/durable-write.js';
import { ifPresent } from '../../../fs/errno.js';
import { removeName } from '../../../fs/open-untrusted-file.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { isAlive, isLeftBehind, pidInOwnName } from '../dovecot/dotlock.js';
import { clearSubscriptionsLock } from '../dovecot/subscriptions-file.js';
import { lockUidList } from '../files/lock-uidlist.js';
import { uidListPath } from '../files/mailbox-listing-and-uidlist.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { recountQuota } from '../files/maildirsize-quota-file.js';
import type { Folder } from '../layout/folder-paths.js';
import { nameFile } from '../layout/shortened-folder-name.js';
import { asidePrefix, putBack } from '../write/remove-folder.js';

const lockName = 'dovecot-uidlist.lock';

/** What is written beside its name before it takes the place of what has it. */
const replaced: ReadonlySet<string | null> = new Set(['dovecot-uidlist', 'dovecot-keywords']);

/** Made ready for a delivery by the process named. */
const readyName = /^mrepl\.ready\.(\d{1,10})\./;

/** Removes what a run that died has left in the mailboxes named, and makes those whole that it was about to remove. */
export async function clearAfterCrash(parts: MaildirParts, mailboxes: Iterable<MailboxName>): Promise<void> {
  clearSubscriptionsLock(parts.location.control ?? parts.location.root);
  clearReady(parts.spool.directory);
  recountQuota(parts.location);
  for (const name of mailboxes) {
    const mailbox = parts.mailbox(name);
    if (!('problem' in mailbox)) await clearFolder(parts, mailbox.folder);
  }
}

async function clearFolder(parts: MaildirParts, folder: Folder): Promise<void> {
  for (const name of namesIn(folder.control)) {
    const pid = pidInOwnName(name, lockName);
    const isOver = pid === null ? replaced.has(replacedBy(name)) : !isAlive(pid);
    if (isOver) removeName(join(folder.control, name));
  }
  const lock = `${uidListPath(folder)}.lock`;
  if (isLeftBehind(lock, parts.party)) (await lockUidList(parts, folder)).release();
  removeName(join(folder.directory, 'cur', '.mrepl-wake'));
  for (const { directory } of folder.tails) {
    const unfinished = namesIn(directory).filter((name) => replacedBy(name) === nameFile);
    for (const name of unfinished) removeName(join(directory, name));
  }
  const temporary = join(folder.directory, 'tmp');
  clearReady(temporary);
  if (namesIn(temporary).some((name) => name.startsWith(asidePrefix))) putBack(parts, folder);
}

function clearReady(directory: string): void {
  for (const name of namesIn(directory)) {
    const pid = readyName.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeName(join(directory, name));
  }
}

function namesIn(directory: string): string[] {
  return ifPresent(() => readdirSync(directory)) ?? [];
}
