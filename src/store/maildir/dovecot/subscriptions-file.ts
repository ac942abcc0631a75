import { linkSync, lstatSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../failure.js';
import { createFile, syncPath } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { fillUntrusted, removeName } from '../../../fs/open-untrusted-file.js';
import { readList } from '../../host-files/read-stored-file.js';
import { isAlive, type LockParty, ownName, pidInOwnName } from './dotlock.js';

/**
 * The subscribed mailboxes, each as its spelled parts. `version` 2 joins parts by TAB under a header; version 1 has no
 * header and joins them by the layout's separator.
 */
export type Subscriptions = { readonly version: 1 | 2; readonly names: readonly (readonly string[])[] };

const header = 'V\t2\n\n';
const lockName = 'subscriptions.lock';

/** Reads the text of a `subscriptions` file. `separator` stands between the parts of a name in version 1. */
export function parseSubscriptions(text: string, separator: '.' | '/'): Subscriptions {
  const version = text.startsWith(header) ? 2 : 1;
  const lines = (version === 2 ? text.slice(header.length) : text).split('\n').filter((line) => line !== '');
  return { version, names: lines.map((line) => line.split(version === 2 ? '\t' : separator)) };
}

/** The text of a `subscriptions` file: the inverse of `parseSubscriptions`, version by version. */
export function formatSubscriptions({ version, names }: Subscriptions, separator: '.' | '/'): string {
  const lines = names.map((parts) => `${parts.join(version === 2 ? '\t' : separator)}\n`);
  return (version === 2 ? header : '') + lines.join('');
}

/**
 * Null without a file, or with one that no mail program wrote: nothing is known of any subscription then. Where a user
 * has taken back the last one, there is a file with none in it.
 */
export function readSubscriptions(directory: string, separator: '.' | '/'): Subscriptions | null {
  const text = ifPresent(() => readList(join(directory, 'subscriptions')));
  return text === null || isGarbled(text) ? null : parseSubscriptions(text, separator);
}

/**
 * Names have neither control characters, but the TAB between their parts, nor bytes that are no text; Dovecot writes no
 * empty file.
 */
function isGarbled(text: string): boolean {
  return text === '' || /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/.test(text);
}

/** How long to wait for the lock, and how old one must be to count as left behind: Dovecot's own figures. */
const waitMs = 120_000;
const staleMs = 30_000;
const pollMs = 20;

/**
 * Changes the file as Dovecot does: the new content is written into `subscriptions.lock`, created exclusively, which is
 * then renamed over the old one. `edit` returns null where there is nothing to change. Throws `locked` after two
 * minutes.
 */
export async function editSubscriptions(
  directory: string,
  separator: '.' | '/',
  how: { party: LockParty; edit: (now: Subscriptions) => Subscriptions | null },
): Promise<void> {
  const lock = join(directory, lockName);
  const second = ownName(lock);
  try {
    await takeEmptyLock(lock, second, how.party);
    try {
      const edited = how.edit(readSubscriptions(directory, separator) ?? { version: 2, names: [] });
      if (edited === null) {
        removeName(lock);
        return;
      }
      fillUntrusted(lock, formatSubscriptions(edited, separator));
      renameSync(lock, join(directory, 'subscriptions'));
    } catch (error) {
      removeName(lock);
      throw error;
    }
  } finally {
    removeName(second);
  }
  syncPath(directory);
}

/** Nothing in the lock tells whose it is; so it has a second name, of this process, for as long as it is held. */
async function takeEmptyLock(lock: string, second: string, party: LockParty): Promise<void> {
  const startedMs = party.now();
  removeName(second);
  createFile(second, '', party.custody);
  for (;;) {
    try {
      linkSync(second, lock);
      return;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
    }
    const mtimeMs = ifPresent(() => lstatSync(lock).mtimeMs);
    if (mtimeMs !== null && party.now() - mtimeMs > staleMs) removeName(lock);
    else if (party.now() - startedMs > waitMs) {
      throw new Failure('locked', `waiting for the lock ${lock}`, {
        hint: 'Try again; subscriptions were not changed.',
      });
    }
    await sleep(pollMs);
    party.signal?.throwIfAborted();
  }
}

/** Removes what a process that died while it changed the file has left. */
export function clearSubscriptionsLock(directory: string): void {
  const lock = join(directory, lockName);
  for (const name of ifPresent(() => readdirSync(directory)) ?? []) {
    const pid = pidInOwnName(name, lockName);
    if (pid === null || isAlive(pid)) continue;
    const second = join(directory, name);
    if (ifPresent(() => lstatSync(second).ino === lstatSync(lock).ino)) removeName(lock);
    removeName(second);
  }
}
