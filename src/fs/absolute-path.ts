import { join, resolve } from 'node:path';

/** A path as its user wrote it: `~` is `home`, and what is relative is taken from the working directory. */
export function absolutePath(path: string, home: string): string {
  if (path === '~') return home;
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return resolve(path);
}
