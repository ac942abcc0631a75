import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../failure.js';

import { errnoOf } from '../../../fs/errno.js';
import { assertOwnPath, isUnusable } from '../../../fs/open-untrusted-file.js';
import { mailboxParts } from './escape-folder-name.js';
import { below, type Subdirectory, subdirectories } from './list-subdirectories.js';
import type { MaildirLocation } from './maildir-location.js';

/**
 * What was found below the root of a store. folder: a directory that may be a mailbox, by its path below the root.
 * garbled: a mailbox whose directory has a name that is not text. foreign: a mailbox that does not belong to this
 * layout. unreadable: nobody knows what is below it.
 */
export type Found =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'garbled'; readonly folder: string }
  | { readonly kind: 'foreign'; readonly folder: string }
  | { readonly kind: 'unreadable'; readonly folder: string; readonly error: unknown };

/**
 * More directories than this below an fs layout, inclusive, mean that the root is not a mail store: stop walking, which
 * hears no signal and so is to end within a second.
 */
const directoriesMax = 20_000;

/**
 * The directories of a store: one listing of the root for Maildir++, a walk for fs. Throws `store-absent` where the
 * root is not there.
 */
export function walkTree(location: MaildirLocation): Iterable<Found> {
  return location.layout === 'fs' ? walkDirectories(location) : listDotted(location);
}

function* listDotted({ root, inbox }: MaildirLocation): Iterable<Found> {
  for (const { name, path, isLink } of listRoot(root)) {
    if (isLink && isAlias(root, path)) continue;
    const error = isLink && (hasParts(path) || name.startsWith('.')) ? whyNotOwn(root, path) : null;
    if (error !== null) {
      yield { kind: 'unreadable', folder: name, error };
      continue;
    }
    if (!name.startsWith('.')) {
      const isMailbox = path !== inbox && mailboxParts.every((part) => existsSync(below(path, part)));
      if (isMailbox) yield { kind: 'foreign', folder: name };
    } else if (typeof path === 'string') {
      // `..DOVECOT-TRASHED` and the like are no mailboxes
      if (!name.startsWith('..')) yield { kind: 'folder', folder: name };
    } else if (hasParts(path)) yield { kind: 'garbled', folder: name };
  }
}

function* walkDirectories({ root, inbox }: MaildirLocation): Iterable<Found> {
  let count = 0;
  const linked = new Set<string>();
  const waiting = [''];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    let entries: readonly Subdirectory[];
    try {
      entries = at === '' ? listRoot(root) : (subdirectories(join(root, at)) ?? []);
    } catch (error) {
      if (at === '' || errnoOf(error) === undefined) throw error;
      yield { kind: 'unreadable', folder: at, error };
      continue;
    }
    for (const { name, path, isLink } of entries) {
      if (mailboxParts.includes(name)) continue;
      const folder = at === '' ? name : `${at}/${name}`;
      if (path === inbox) {
        waiting.push(folder); // the inbox is known; below it may be others
        continue;
      }
      if (typeof path !== 'string') {
        if (holdsMailbox(path)) yield { kind: 'garbled', folder };
        continue;
      }
      if (isLink) {
        const target = targetOf(path) ?? path;
        if (isAlias(root, path) || linked.has(target)) continue;
        linked.add(target); // links elsewhere can lead in circles
        const error = whyNotOwn(root, path);
        if (error !== null) {
          yield { kind: 'unreadable', folder, error };
          continue;
        }
      }
      count++;
      if (count > directoriesMax) {
        throw new Failure('store-damaged', `listing the mailboxes below ${root}: there are over ${directoriesMax}`, {
          hint: 'Is that the root of a mail store? With LAYOUT=fs each directory below it is a mailbox.',
        });
      }
      waiting.push(folder);
      yield { kind: 'folder', folder };
    }
  }
}

/** Links within the store give one mailbox two names: it is taken by its own. One that leads nowhere is none. */
function isAlias(root: string, path: string | Buffer): boolean {
  const target = targetOf(path);
  if (target === null) return false;
  const top = realpathSync(root);
  return `${target}/`.startsWith(`${top}/`) || top.startsWith(`${target}/`);
}

/**
 * Why a link out of the store is not followed; null where it is: made by the owner of the store, or root, to what is
 * that owner's.
 */
function whyNotOwn(root: string, path: string | Buffer): Error | null {
  if (typeof path !== 'string' || targetOf(path) === null) return null; // none is a mailbox
  try {
    assertOwnPath(root, path);
    return null;
  } catch (error) {
    if (isUnusable(error)) return error;
    throw error;
  }
}

/** Null where a link leads nowhere, or to where nobody may look. */
function targetOf(path: string | Buffer): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

function hasParts(path: string | Buffer): boolean {
  return mailboxParts.some((part) => existsSync(below(path, part)));
}

function holdsMailbox(path: Buffer): boolean {
  if (hasParts(path)) return true;
  const within = subdirectories(path)?.filter(({ isLink }) => !isLink) ?? [];
  return within.some((entry) => holdsMailbox(Buffer.from(entry.path)));
}

function listRoot(root: string): Subdirectory[] {
  const entries = subdirectories(root);
  if (entries !== null) return entries;
  throw new Failure('store-absent', `the mail store ${root} is not there`, {
    hint: 'Is its disk mounted? Nothing was changed.',
  });
}
