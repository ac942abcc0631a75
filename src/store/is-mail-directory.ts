import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifPresent } from '../fs/errno.js';
import { realPath } from '../fs/real-path.js';
import { maildirOf } from './paths-and-settings-of-store.js';

const parts: readonly string[] = ['cur', 'new', 'tmp'];

/**
 * Does mail lie in this very directory: is it a Maildir, whoever's it is, or the root of this store, or where a
 * Maildir has its files? `store` is as `MailStore.description` has it.
 */
export function isMailDirectory(directory: string, store: string): boolean {
  const place = realPath(directory);
  if (isMaildir(place) || (parts.includes(basename(place)) && isMaildir(dirname(place)))) return true;
  const location = maildirOf(store);
  if (location === null) return false;
  return [location.root, location.inbox].some((path) => path !== null && realPath(path) === place);
}

function isMaildir(directory: string): boolean {
  return parts.every((part) => ifPresent(() => statSync(join(directory, part)))?.isDirectory() === true);
}
