import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../failure.js';
import { ifPresent } from '../../fs/errno.js';

/** Write access of the group and of all others (chmod(1)). */
const othersMayWrite = 0o022;

/** Nobody but the owner of a file may take it out of the directory (the mode of /tmp). */
const sticky = 0o1000;

/**
 * Refuses the directory of an account in which others could put keys and a catalog of theirs in the place of those of
 * its user: one that they may write, or that is theirs; also the directory above it. Who may only look into it reads
 * nothing: what lies there is its owner's alone. Throws `config`, `io`; a directory that is not there is nobody's.
 */
export function refuseOpenDirectory(keysPath: string): void {
  const own = dirname(keysPath);
  for (const directory of [own, dirname(own)]) {
    const stats = lookAt(directory);
    if (stats === null || !stats.isDirectory()) continue;
    if (isOthers(stats.uid))
      throw refused(directory, 'belongs to another user', 'Run mrepl as the user who set it up.');
    const isGuarded = directory !== own && (stats.mode & sticky) !== 0;
    if ((stats.mode & othersMayWrite) !== 0 && !isGuarded) {
      throw refused(directory, 'may be written by others', `If nobody has: chmod go-w ${directory}`);
    }
  }
}

function lookAt(directory: string): Stats | null {
  try {
    return ifPresent(() => statSync(directory));
  } catch (cause) {
    throw new Failure('io', `looking at ${directory}: ${(cause as Error).message}`, { cause });
  }
}

/** The superuser can do everything anyway. */
function isOthers(uid: number): boolean {
  const self = process.geteuid?.() ?? uid;
  return uid !== self && uid !== 0;
}

function refused(directory: string, what: string, hint: string): Failure {
  const message = `the directory ${directory}, where the private keys and the catalog are, ${what}; nothing was opened`;
  return new Failure('config', message, { hint });
}
