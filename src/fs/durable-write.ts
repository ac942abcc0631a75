import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  futimesSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Failure } from '../failure.js';
import { ifPresent } from './errno.js';
import { heedSignal } from './stop-if-aborted.js';

/** What others than their owner, who is whoever writes them, may do with files and directories. */
export type Custody = {
  readonly fileMode: number;
  readonly dirMode: number;
};

/** Nobody's business but the user's own. */
export const privateCustody: Custody = { fileMode: 0o600, dirMode: 0o700 };

/** Seconds since 1970. */
type FileTimes = { readonly atimeS: number; readonly mtimeS: number };

/** Writes all of `bytes` to a file that must not exist, under a name that no link may have either. Not durable yet. */
export function createFile(path: string, bytes: Uint8Array | string, custody: Custody): void {
  writeWhole(path, bytes, { custody, durable: false });
}

/** Bytes that are read or written in one go where a signal is to be heard between pieces. */
export const pieceBytes = 4 << 20;

/** `signal`: heeded after each piece. */
export type InPieces = { readonly custody: Custody; readonly signal?: AbortSignal | undefined };

/** As `createFile`, for what may be large: where the signal comes nothing is left, and its reason is thrown. */
export function createLargeFile(path: string, bytes: Uint8Array, how: InPieces): Promise<void> {
  return createFileOf(path, piecesOf(bytes), how);
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** The same of pieces as they come; what fails while they are made leaves nothing either. */
export async function createFileOf(
  path: string,
  pieces: Iterable<Uint8Array>,
  { custody, signal }: InPieces,
): Promise<void> {
  const fd = openNew(path, custody);
  try {
    let isFirst = true;
    for (const piece of pieces) {
      if (!isFirst) await heedSignal(signal);
      isFirst = false;
      writeAll(fd, piece);
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts `bytes` in the place of a file, whether it exists or not, so that at any instant and after a power cut there is
 * either the old or the new content: temporary file beside it, fsync, rename, fsync of the directory. The temporary
 * file has a name that nobody can have prepared, and what has the name of the file, be it a link, is replaced itself.
 */
export function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  how: Custody & { readonly times?: FileTimes | undefined },
): void {
  const { times, ...custody } = how;
  const temporary = temporaryName(path);
  writeWhole(temporary, bytes, { custody, ...(times === undefined ? {} : { times }), durable: true });
  takePlace(temporary, path);
}

/** As `replaceFile`, for what may be large: where the signal comes the old file stays, and its reason is thrown. */
export async function replaceLargeFile(path: string, bytes: Uint8Array, how: InPieces): Promise<void> {
  const temporary = temporaryName(path);
  await createLargeFile(temporary, bytes, how);
  takePlace(temporary, path, () => syncPath(temporary));
}

function takePlace(temporary: string, path: string, before: () => void = () => undefined): void {
  try {
    before();
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncPath(dirname(path));
}

const temporaryMark = '.mrepl-new-';

/** A name beside that of a file for what is to take its place, which nobody can foresee. */
export function temporaryName(path: string): string {
  return path + temporaryMark + randomBytes(8).toString('hex');
}

/**
 * The name of the file that one with such a name was to replace, also as an earlier version gave it; null for any other
 * name.
 */
export function replacedBy(name: string): string | null {
  return /^(.+)\.mrepl-new(?:-[0-9a-f]{16})?$/s.exec(name)?.[1] ?? null;
}

/** fsync of one file or directory. Never waits for whoever else has it open. */
export function syncPath(path: string): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
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
  how: { readonly custody: Custody; readonly times?: FileTimes; readonly durable: boolean },
): void {
  const data = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  const fd = openNew(path, how.custody);
  try {
    writeAll(fd, data);
    if (how.times !== undefined) futimesSync(fd, how.times.atimeS, how.times.mtimeS);
    if (how.durable) fsyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** A file that was not there, nor a link of its name. */
function openNew(path: string, { fileMode }: Custody): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(path, flags, fileMode);
  try {
    if ((fileMode & 0o077) !== 0) fchmodSync(fd, fileMode); // the umask would take it away
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(path, { force: true });
    throw error;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}
