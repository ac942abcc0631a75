import { closeSync, constants, fchmodSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Custody } from '../../../fs/durable-write.js';
import { errnoOf } from '../../../fs/errno.js';

/** Like `mkdir -p`, each new directory with the store's mode. */
export function makeDirectories(path: string, custody: Custody): void {
  const missing: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    try {
      mkdirSync(at, { mode: custody.dirMode });
      adopt(at, custody);
      break;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EEXIST') break;
      if (errno !== 'ENOENT' || dirname(at) === at) throw error;
      missing.push(at);
    }
  }
  for (const directory of missing.reverse()) {
    mkdirSync(directory, { mode: custody.dirMode, recursive: true });
    adopt(directory, custody);
  }
}

/** By its descriptor: what has its name by now may be a link that somebody put there. */
function adopt(directory: string, { dirMode }: Custody): void {
  if ((dirMode & 0o077) === 0) return; // as the umask left it
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    fchmodSync(fd, dirMode);
  } finally {
    closeSync(fd);
  }
}
