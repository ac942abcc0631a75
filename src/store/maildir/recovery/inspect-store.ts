import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../../../failure.js';
import { ifPresent } from '../../../fs/errno.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { troubleOf } from '../../host-files/io-failure.js';
import { listFolder } from '../files/list-message-files.js';
import type { MaildirParts } from '../files/maildir-context.js';
import { mailboxParts } from '../layout/escape-folder-name.js';
import type { Folder } from '../layout/folder-paths.js';

/** What a run leaves is gone when it ends; what is older than this was left by one that died. An hour. */
const leftBehindMs = 3600 * 1000;

/** Nobody holds a lock of a mailbox for so long: ten minutes. */
const staleLockMs = 600 * 1000;

type Inspection = {
  readonly parts: MaildirParts;
  readonly folders: readonly Folder[];
  /** Where subscriptions are. */
  readonly controlRoot: string;
};

/** What `MailStore.inspect` promises, for a Maildir. */
export function inspectStore({ parts, folders, controlRoot }: Inspection): Trouble[] {
  const owner = statSync(parts.location.root).uid;
  const troubles: Trouble[] = [];
  const add = (more: readonly Trouble[]): void => {
    for (const one of more) troubles.push(one);
  };
  for (const folder of folders) {
    const { name, directory, control } = folder;
    for (const part of mailboxParts) add(inDirectory(name, join(directory, part), owner));
    if (control !== directory) add(inDirectory(name, control, owner));
    for (const place of new Set([join(directory, 'tmp'), control])) add(leftIn(name, place, parts));
    add(readable(name, join(control, 'dovecot-keywords')));
    add(noMessages(folder, parts));
  }
  add(readable('subscriptions', join(controlRoot, 'subscriptions')));
  return troubles;
}

/** Is it there, can mail be put into it, and is it its user's own? */
function inDirectory(mailbox: string, path: string, owner: number): Trouble[] {
  const found = ifPresent(() => statSync(path));
  if (found === null && basename(path) !== 'tmp') return []; // a look at the mailbox says so
  if (found === null) {
    return [trouble(mailbox, `${path} is not there: mail cannot be delivered to ${mailbox}`, `mkdir -m 700 ${path}`)];
  }
  const troubles: Trouble[] = [];
  try {
    ifPresent(() => accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)); // it may have gone just now
  } catch (error) {
    troubles.push({ subject: mailbox, failure: troubleOf(`looking at ${path}`, error) });
  }
  if (found.uid !== owner) {
    const what = `${path} belongs to another user (${found.uid}) than the store (${owner})`;
    troubles.push(trouble(mailbox, what, `As root: chown -R --reference=${join(path, '..')} ${path}`));
  }
  return troubles;
}

/** What lies among the messages and cannot be one: names nobody gives, links that lead nowhere, directories. */
function noMessages(folder: Folder, { party }: MaildirParts): Trouble[] {
  const troubles: Trouble[] = [];
  try {
    for (const one of listFolder({ folder, anyDelimiter: false }, party.now)?.troubles ?? []) troubles.push(one);
  } catch (error) {
    troubleOf(`listing ${folder.name}`, error);
    return []; // a look at the mailbox says why that cannot be done
  }
  for (const part of ['cur', 'new']) {
    const directory = join(folder.directory, part);
    for (const entry of ifPresent(() => readdirSync(directory, { withFileTypes: true })) ?? []) {
      const path = join(directory, entry.name);
      if (entry.name.startsWith('.') || !(entry.isSymbolicLink() || entry.isDirectory())) continue;
      if (/[\p{Cc}\ufffd]/u.test(entry.name)) continue; // told already
      if (entry.isDirectory()) {
        troubles.push(trouble(path, `${path} is a directory where messages are`, 'Move it away; it is no mail.'));
      } else if (!existsSync(path)) {
        const what = `${path} is a link that leads nowhere`;
        troubles.push(trouble(path, what, 'Is the disk of its target mounted? Else remove the link; it is no mail.'));
      }
    }
  }
  return troubles;
}

function readable(subject: string, path: string): Trouble[] {
  try {
    ifPresent(() => accessSync(path, constants.R_OK | constants.W_OK));
    return [];
  } catch (error) {
    return [{ subject, failure: troubleOf(`looking at ${path}`, error) }];
  }
}

/** What a run of mrepl, or a mail server, that died has left. */
function leftIn(mailbox: string, directory: string, { party }: MaildirParts): Trouble[] {
  const troubles: Trouble[] = [];
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    const ageMs = party.now() - (ifPresent(() => statSync(path).ctimeMs) ?? party.now());
    if (/^mrepl\.(?:ready\.|[0-9a-f]{64}$)|\.mrepl(?:-new)?$|^\.mrepl-wake$/.test(name) && ageMs > leftBehindMs) {
      troubles.push(trouble(mailbox, `${path} was left behind by a run that died`, `rm ${path}`));
    } else if (name === 'dovecot-uidlist.lock' && ageMs > staleLockMs) {
      const what = `${path} has locked ${mailbox} for ${Math.floor(ageMs / 60_000)} minutes`;
      troubles.push(trouble(mailbox, what, `If no mail server is at work in it: rm ${path}`));
    }
  }
  return troubles;
}

function namesIn(directory: string): string[] {
  try {
    return ifPresent(() => readdirSync(directory)) ?? [];
  } catch (error) {
    troubleOf(`reading ${directory}`, error);
    return []; // it may not be read, which `inDirectory` says
  }
}

function trouble(subject: string, what: string, hint: string): Trouble {
  return { subject, failure: new Failure('store-damaged', what, { hint }) };
}
