import { cpSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, seen from dist/test. */
export const checkout = fileURLToPath(new URL('../..', import.meta.url));
export const fixtures = join(checkout, 'fixtures');

/** Makes a working Maildir of a tree in `fixtures/`: git keeps neither empty directories nor the dates of arrival. */
export function plantMaildir(fixture: 'dovecot-maildir' | 'plain-maildir', to: string): void {
  cpSync(join(fixtures, fixture), to, { recursive: true });
  rmSync(join(to, 'README.md'));
  completeFolder(to);
  for (const entry of readdirSync(to, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name.startsWith('.')) completeFolder(join(to, entry.name));
  }
}

function completeFolder(folder: string): void {
  for (const part of ['cur', 'new', 'tmp']) {
    const directory = join(folder, part);
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      const arrivedS = Number.parseInt(basename(name), 10);
      utimesSync(join(directory, name), arrivedS, arrivedS);
    }
  }
}
