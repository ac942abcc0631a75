import { execFile } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from './failure.js';

/** Who owns a file that is written, and what others may do with it. `uid` and `gid` null: whoever writes. */
export type Custody = {
  readonly fileMode: number;
  readonly dirMode: number;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
};

/** Nobody's business but the user's own. */
export const privateCustody: Custody = { fileMode: 0o600, dirMode: 0o700, owner: null };

/** Unlike `ERR_INVALID_ARG_TYPE` and `ABORT_ERR`, which are Node's own, and no system call's. */
const errnoPattern = /^E[A-Z0-9]+$/;

/** The errno name (`ENOENT`) of a failed system call, undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && errnoPattern.test(error.code) ? error.code : undefined;
}

/** There is no such file: also none whose name no file can have here, and none at the end of links that lead in a circle. */
const absent: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP']);

/** What `read` gives, or null where there is no such file or directory. Other errors are thrown on. */
export function ifPresent<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (absent.has(errnoOf(error))) return null;
    throw error;
  }
}

/** Writes all of `bytes` to a file that must not exist. Not durable yet. */
export function createFile(path: string, bytes: Uint8Array | string, custody: Custody): void {
  writeWhole(path, bytes, { custody, flags: constants.O_EXCL, durable: false });
}

/**
 * Puts `bytes` in the place of a file, whether it exists or not, so that at any instant and after a power cut there is
 * either the old or the new content: temporary file beside it, fsync, rename, fsync of the directory.
 */
export function replaceFile(path: string, bytes: Uint8Array | string, custody: Custody): void {
  const temporary = `${path}.mrepl-new`;
  writeWhole(temporary, bytes, { custody, flags: constants.O_TRUNC, durable: true });
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

/** fsync of one file or directory. */
export function syncPath(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes everything durable that was written on the file systems of `directories`, at the cost of one sync: Node has no
 * syncfs(2), coreutils' `sync -f` does. Where that is not to be had, each path of `written` is synced by itself; one
 * that has gone since is passed over.
 */
export async function syncFileSystems(directories: readonly string[], written: Iterable<string>): Promise<void> {
  if (directories.length > 0 && process.platform === 'linux') {
    try {
      await promisify(execFile)('sync', ['-f', '--', ...directories]);
      return;
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
      if (said.includes('error syncing')) {
        throw new Failure('io', `making ${directories.join(', ')} durable: ${said.trim()}`, { cause: error });
      }
      // No coreutils, or a `sync` without -f.
    }
  }
  for (const path of [...written, ...directories]) ifPresent(() => syncPath(path));
}

function writeWhole(
  path: string,
  bytes: Uint8Array | string,
  how: { custody: Custody; flags: number; durable: boolean },
): void {
  const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const { fileMode, owner } = how.custody;
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | how.flags, fileMode);
  try {
    if ((fileMode & 0o077) !== 0) fchmodSync(fd, fileMode); // the umask would take it away
    if (owner !== null) fchownSync(fd, owner.uid, owner.gid);
    for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
    if (how.durable) fsyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}
