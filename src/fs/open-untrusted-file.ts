import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { createFileOf, type InPieces, pieceBytes } from './durable-write.js';
import { errnoOf, ifPresent } from './errno.js';
import { heedSignal } from './stop-if-aborted.js';

/**
 * The one way of opening what others may have prepared: on a stick, in a mail store, in a directory that several users
 * share. Whatever has the name, nothing here waits (`O_NONBLOCK`), nothing is read that is no regular file, no link is
 * followed but as the caller says, and all that is decided about a file is decided of the open descriptor, which nobody
 * can exchange any more.
 */

/** What can have a name in a directory. */
export type FileKind = 'file' | 'directory' | 'link' | 'pipe' | 'socket' | 'device';

/**
 * What becomes of a symbolic link. `refuse`: it is none of ours. `follow`: the user named it. `ofOwner`: it is followed
 * if this user, by number, or root has made it, and the file it leads to is this user's; `ofDirectory`: that user is
 * the owner of the directory it lies in. Links above the last name of a path are followed in any case.
 */
type LinkRule = 'refuse' | 'follow' | 'ofDirectory' | { readonly ofOwner: number };

/** `bytesMax`: of the file, inclusive. */
export type OpenRule = { readonly links: LinkRule; readonly bytesMax?: number };

/** The descriptor is the holder's to close. */
export type OpenedFile = { readonly fd: number; readonly stats: BigIntStats };

const shown: Readonly<Record<FileKind, string>> = {
  file: 'a file',
  directory: 'a directory',
  link: 'a symbolic link',
  pipe: 'a FIFO',
  socket: 'a socket',
  device: 'a device',
};

/** For messages: `a FIFO`. */
export function shownKind(kind: FileKind): string {
  return shown[kind];
}

/**
 * What has the name is not a file that may be read or written: it is of another kind, a link that is not followed, or
 * larger than expected. The codes are errnos: `EFTYPE` and `EFBIG`.
 */
export class UnusableFile extends Error {
  readonly code: 'EFTYPE' | 'EFBIG';
  /** What it is. `link`: one that is not followed. */
  readonly kind: FileKind;

  constructor(code: 'EFTYPE' | 'EFBIG', kind: FileKind, message: string) {
    super(message);
    this.name = 'UnusableFile';
    this.code = code;
    this.kind = kind;
  }
}

/** Is it why something was not opened? Whoever opens one thing among many goes on with the rest then. */
export function isUnusable(error: unknown): error is UnusableFile {
  return error instanceof UnusableFile;
}

type Mode = Pick<
  BigIntStats,
  'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isFIFO' | 'isSocket' | 'isBlockDevice' | 'isCharacterDevice'
>;

/** The kind of what was looked at, be it a directory entry. */
export function kindOf(found: Mode): FileKind {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  if (found.isSymbolicLink()) return 'link';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}

/** What has this name, no link followed; null where nothing has. */
export function lookAt(path: string): BigIntStats | null {
  return ifPresent(() => lstatSync(path, { bigint: true }));
}

/**
 * Opens a regular file for reading. Throws `UnusableFile` where it is none, or not of this rule, and errors of the
 * system as they come. The descriptor is the caller's to close.
 */
export function openUntrusted(path: string, rule: OpenRule): OpenedFile {
  const { flags, owner } = lookBefore(path, rule, constants.O_RDONLY);
  const fd = openNow(path, flags);
  try {
    return { fd, stats: checked(path, rule, { owner, stats: fstatSync(fd, { bigint: true }) }) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The same for reading in pieces, beside other work. */
export async function openUntrustedHandle(
  path: string,
  rule: OpenRule,
  moreFlags = 0,
): Promise<{ readonly handle: FileHandle; readonly stats: BigIntStats }> {
  const { flags, owner } = lookBefore(path, rule, constants.O_RDONLY | moreFlags);
  let handle: FileHandle;
  try {
    handle = await open(path, flags);
  } catch (error) {
    throw openingError(path, error);
  }
  try {
    return { handle, stats: checked(path, rule, { owner, stats: await handle.stat({ bigint: true }) }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The whole content, and never more than was allowed, also where it grows meanwhile. Throws as `openUntrusted` does.
 */
export function readUntrusted(path: string, rule: OpenRule & { readonly bytesMax: number }): Buffer {
  const { fd, stats } = openUntrusted(path, rule);
  try {
    return readWhole(fd, Number(stats.size), { path, bytesMax: rule.bytesMax });
  } finally {
    closeSync(fd);
  }
}

/**
 * The whole content of a file that `openUntrusted` opened, which is closed then; in pieces, after each of which a
 * signal is heeded: its reason is thrown. Throws `UnusableFile` where the file has grown beyond `bytesMax`.
 */
export async function readOpened(
  { fd, stats }: OpenedFile,
  {
    path,
    bytesMax,
    signal,
  }: { readonly path: string; readonly bytesMax: number; readonly signal: AbortSignal | undefined },
): Promise<Buffer> {
  try {
    if (stats.size < pieceBytes) return readWhole(fd, Number(stats.size), { path, bytesMax });
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const more = readSync(fd, piece, 0, pieceBytes, length);
      if (more === 0) return Buffer.concat(pieces, length);
      length += more;
      if (length > bytesMax) throw tooLarge(path, bytesMax);
      pieces.push(piece.subarray(0, more));
      await heedSignal(signal);
    }
  } finally {
    closeSync(fd);
  }
}

/** Whole, by a descriptor that was opened here. Throws `UnusableFile` where it has grown beyond `bytesMax`. */
function readWhole(
  fd: number,
  sizeBytes: number,
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
): Buffer {
  let bytes = Buffer.allocUnsafe(Math.min(sizeBytes, bytesMax) + 1); // one more shows that it has not grown
  let length = 0;
  for (;;) {
    const more = readSync(fd, bytes, length, bytes.length - length, length);
    if (more === 0) return bytes.subarray(0, length);
    length += more;
    if (length > bytesMax) throw tooLarge(path, bytesMax);
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, bytesMax + 1));
  }
}

/**
 * Adds text at the end of a file that is there, in one piece. No link is followed, and nothing is added where the file
 * has a second name, by which it may be somebody's who knows nothing of this. Throws as `openUntrusted` does.
 */
export function appendUntrusted(path: string, text: string): void {
  const rule: OpenRule = { links: 'refuse' };
  const { flags, owner } = lookBefore(path, rule, constants.O_WRONLY | constants.O_APPEND);
  const fd = openNow(path, flags);
  try {
    const { nlink } = checked(path, rule, { owner, stats: fstatSync(fd, { bigint: true }) });
    if (nlink > 1n) throw new UnusableFile('EFTYPE', 'file', `${path} has another name, too, and is not written to`);
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/**
 * Writes text into a file that is there and empty. No link is followed, and one that holds something is not the one
 * that was meant: it is left as it is. Throws as `openUntrusted` does.
 */
export function fillUntrusted(path: string, text: string): void {
  const rule: OpenRule = { links: 'refuse' };
  const { flags, owner } = lookBefore(path, rule, constants.O_WRONLY);
  const fd = openNow(path, flags);
  try {
    const { size } = checked(path, rule, { owner, stats: fstatSync(fd, { bigint: true }) });
    if (size > 0n) throw new UnusableFile('EFTYPE', 'file', `${path} is not empty any more, and is not written to`);
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Copies what `source` holds to a name that must be free. Throws as `openUntrusted` and `createLargeFile` do. */
export async function copyUntrusted(
  source: string,
  target: string,
  how: OpenRule & { readonly bytesMax: number } & InPieces,
): Promise<void> {
  const { fd } = openUntrusted(source, how);
  try {
    await createFileOf(target, piecesIn(fd, { path: source, bytesMax: how.bytesMax }), how);
  } finally {
    closeSync(fd);
  }
}

/** What an open file holds. Each piece is good until the next is asked for. */
function* piecesIn(
  fd: number,
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (let at = 0; ; ) {
    const more = readSync(fd, piece, 0, pieceBytes, at);
    if (more === 0) return;
    at += more;
    if (at > bytesMax) throw tooLarge(path, bytesMax);
    yield piece.subarray(0, more);
  }
}

/**
 * Is a directory where it seems to be? Each link between `top` and it, both included, is followed only if the owner of
 * `top` or root has made it, and what it leads to is that owner's. What is not there is no trouble. Throws
 * `UnusableFile`.
 */
export function assertOwnPath(top: string, directory: string): void {
  const names = relative(top, directory)
    .split('/')
    .filter((name) => name !== '' && name !== '..');
  const owner = ifPresent(() => statSync(top).uid);
  if (owner === null) return;
  let at = top;
  for (const name of names) {
    at = join(at, name);
    const seen = lookAt(at);
    if (seen === null) return;
    if (!seen.isSymbolicLink()) continue;
    if (!isOf(owner, seen.uid)) throw notFollowed(at, ' that another user has made');
    const target = ifPresent(() => statSync(at).uid);
    if (target !== null && target !== owner) throw notOwn(at);
  }
}

/**
 * Removes whatever has the name but a directory, and no more than the name: what a link leads to stays. Answers whether
 * the name is free now. Other errors than its absence are thrown.
 */
export function removeName(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return true;
    if ((errno === 'EISDIR' || errno === 'EPERM') && lookAt(path)?.isDirectory() === true) return false;
    throw error;
  }
}

/** What there is to open is looked at before: to open a device, or a pipe that somebody waits at, is a deed already. */
function lookBefore(path: string, { links }: OpenRule, access: number): { flags: number; owner: number | null } {
  const flags = access | constants.O_NONBLOCK | constants.O_NOCTTY;
  const seen = lstatSync(path, { bigint: true });
  if (!seen.isSymbolicLink()) {
    if (!seen.isFile()) throw unusable(path, kindOf(seen));
    return { flags: links === 'follow' ? flags : flags | constants.O_NOFOLLOW, owner: null };
  }
  if (links === 'refuse') throw notFollowed(path, '');
  const target = statSync(path, { bigint: true });
  if (!target.isFile()) throw unusable(path, kindOf(target));
  if (links === 'follow') return { flags, owner: null };
  const owner = links === 'ofDirectory' ? statSync(dirname(path)).uid : links.ofOwner;
  if (!isOf(owner, seen.uid)) throw notFollowed(path, ' that another user has made');
  return { flags, owner };
}

/** It may have been another one when it was looked at. */
function checked(
  path: string,
  { bytesMax }: OpenRule,
  { owner, stats }: { readonly owner: number | null; readonly stats: BigIntStats },
): BigIntStats {
  if (!stats.isFile()) throw unusable(path, kindOf(stats));
  if (owner !== null && stats.uid !== BigInt(owner)) throw notOwn(path);
  if (bytesMax !== undefined && stats.size > bytesMax) throw tooLarge(path, bytesMax);
  return stats;
}

/** Has this user, or root, made the link? */
function isOf(owner: number, uid: bigint): boolean {
  return uid === BigInt(owner) || uid === 0n;
}

function openNow(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw openingError(path, error);
  }
}

/** It was a file when it was looked at. */
function openingError(path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === 'ELOOP') return notFollowed(path, '');
  return errno === 'ENXIO' ? unusable(path, 'pipe') : error; // to be written, and nobody reads it; a socket, too
}

function unusable(path: string, kind: FileKind): UnusableFile {
  return new UnusableFile('EFTYPE', kind, `${path} is ${shown[kind]}, not a file`);
}

function notFollowed(path: string, whose: string): UnusableFile {
  return new UnusableFile('EFTYPE', 'link', `${path} is a symbolic link${whose}, which is not followed`);
}

function notOwn(path: string): UnusableFile {
  return new UnusableFile(
    'EFTYPE',
    'link',
    `${path} is a symbolic link to something of another user, which is not followed`,
  );
}

function tooLarge(path: string, bytesMax: number): UnusableFile {
  return new UnusableFile('EFBIG', 'file', `${path} is larger than ${bytesMax} bytes`);
}
