import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Where compiled code is kept: `~/.cache/mrepl`, or as `XDG_CACHE_HOME` says. */
export function cacheDirectory({ XDG_CACHE_HOME: cache = '', HOME: home = '' }: NodeJS.ProcessEnv): string {
  return join(isAbsolute(cache) ? cache : join(home || homedir(), '.cache'), 'mrepl');
}

/** Makes a directory for its owner alone, with those above it. Throws where that cannot be done. */
export function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/** Write access of the group and of all others, and the mode of /tmp, in which nobody can replace what is another's. */
const othersMayWrite = 0o022;
const sticky = 0o1000;

/**
 * Can nobody but this user and root put anything there, or another directory in its place? Not so for root where the
 * environment still is another user's. Throws where there is none.
 */
export function isPrivate(directory: string): boolean {
  const self = process.geteuid?.();
  let at = realpathSync.native(directory);
  const own = statSync(at);
  if (own.uid !== self || (own.mode & 0o077) !== 0) return false;
  while (at !== dirname(at)) {
    at = dirname(at);
    const { uid, mode } = statSync(at);
    if (uid !== self && uid !== 0) return false;
    if ((mode & othersMayWrite) !== 0 && (mode & sticky) === 0) return false;
  }
  return true;
}
