import fs, { type PathLike, type PathOrFileDescriptor } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DiskStep, OpenFile } from './disk-step.js';
import {
  asBuffer,
  type Bytes,
  change,
  fitting,
  handles,
  isWatched,
  look,
  partOf,
  pathOf,
  positionOf,
  real,
  remember,
} from './watched-disk.js';

// node:fs, with each call that changes something by way of the plan.

const { O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_WRONLY, O_RDONLY } = fs.constants;

/** The flags of an opening as bits. */
export function flagsOf(flags: string | number | undefined): number {
  if (typeof flags === 'number') return flags;
  switch (flags ?? 'r') {
    case 'r':
      return O_RDONLY;
    case 'w':
      return O_WRONLY | O_CREAT | O_TRUNC;
    case 'wx':
      return O_WRONLY | O_CREAT | O_EXCL;
    case 'a':
      return O_WRONLY | O_CREAT | O_APPEND;
    default:
      throw new Error(`the fault layer does not know the flags ${String(flags)}`);
  }
}

function modeOf(mode: unknown): number {
  return typeof mode === 'number' ? mode : typeof mode === 'string' ? Number.parseInt(mode, 8) : 0o666;
}

/** What an opening changes; null where it only looks. */
export function openingStep(path: string, flags: number, mode: unknown): DiskStep | null {
  const isThere = real.existsSync(path);
  if ((flags & O_CREAT) !== 0 && !isThere) return { kind: 'create', path, mode: modeOf(mode) };
  if ((flags & O_TRUNC) !== 0 && isThere && (flags & O_EXCL) === 0) return { kind: 'empty', path };
  return null;
}

function openSync(path: PathLike, flags?: string | number, mode?: unknown): number {
  const place = pathOf(path);
  if (!isWatched(place)) return real.openSync(path, flags ?? 'r', modeOf(mode));
  const bits = flagsOf(flags);
  const step = openingStep(place, bits, mode);
  const perform = (): number => real.openSync(path, bits, modeOf(mode));
  if (step === null) look(place);
  return remember(step === null ? perform() : change(step, perform), place, { flags: bits, isSync: true });
}

function closeSync(fd: number): void {
  handles.delete(fd);
  real.closeSync(fd);
}

function writeSync(fd: number, data: Bytes, offset?: unknown, length?: unknown, position?: unknown): number {
  const bytes = partOf(data, offset, length);
  const where = typeof data === 'string' ? offset : position;
  const handle = handles.get(fd);
  if (handle === undefined) return real.writeSync(fd, bytes, 0, bytes.length, typeof where === 'number' ? where : null);
  const at = positionOf(handle, fd, where);
  const { file } = handle;
  const perform = (part: Buffer): number => real.writeSync(fd, part, 0, part.length, at);
  const part = fitting(file.path, bytes);
  const written = change(
    { kind: 'write', path: file.path, file, at, bytes: Buffer.from(part) },
    () => perform(part),
    () => void perform(part.subarray(0, part.length >> 1)),
  );
  if (typeof where !== 'number') handle.at = at + written;
  return written;
}

function fdStep<T>(fd: number, step: (file: OpenFile) => DiskStep, perform: () => T): T {
  const handle = handles.get(fd);
  return handle === undefined ? perform() : change(step(handle.file), perform);
}

function withWhole(
  path: PathOrFileDescriptor,
  work: (fd: number) => void,
  how: { readonly flags: string | number; readonly mode: unknown },
): void {
  if (typeof path === 'number') {
    work(path);
    return;
  }
  const fd = openSync(path, how.flags, how.mode);
  try {
    work(fd);
  } finally {
    closeSync(fd);
  }
}

function writeFileSync(path: PathOrFileDescriptor, data: Bytes, options?: unknown): void {
  const { flag = 'w', mode = 0o666 } =
    typeof options === 'object' && options !== null ? (options as { flag?: string; mode?: number }) : {};
  withWhole(path, (fd) => void writeSync(fd, asBuffer(data)), { flags: flag, mode });
}

function copyFileSync(from: PathLike, to: PathLike, mode = 0): void {
  if (!isWatched(pathOf(to))) {
    real.copyFileSync(from, to, mode);
    return;
  }
  const bytes = real.readFileSync(from);
  const isExclusive = (mode & fs.constants.COPYFILE_EXCL) !== 0;
  const flags = O_WRONLY | O_CREAT | (isExclusive ? O_EXCL : O_TRUNC);
  withWhole(pathOf(to), (fd) => void writeSync(fd, bytes), { flags, mode: real.statSync(from).mode & 0o7777 });
}

function unlinkSync(path: PathLike): void {
  change({ kind: 'unlink', path: pathOf(path) }, () => real.unlinkSync(path));
}

function rmdirSync(path: PathLike): void {
  change({ kind: 'rmdir', path: pathOf(path) }, () => real.rmdirSync(path));
}

function rmSync(path: PathLike, options: { readonly recursive?: boolean; readonly force?: boolean } = {}): void {
  const place = pathOf(path);
  if (!isWatched(place)) {
    real.rmSync(path, options);
    return;
  }
  look(place);
  const found = real.lstatSync(place, { throwIfNoEntry: false });
  if (found === undefined && options.force === true) return;
  if (found?.isDirectory() !== true) unlinkSync(place);
  else if (options.recursive !== true)
    real.rmSync(place); // throws
  else {
    for (const name of real.readdirSync(place)) rmSync(join(place, name), options);
    rmdirSync(place);
  }
}

function mkdirSync(
  path: PathLike,
  options?: number | { readonly recursive?: boolean; readonly mode?: number },
): string | undefined {
  const place = pathOf(path);
  const mode = typeof options === 'number' ? options : (options?.mode ?? 0o777);
  const one = (directory: string): void =>
    change({ kind: 'mkdir', path: directory, mode }, () => void real.mkdirSync(directory, { mode }));
  if (typeof options !== 'object' || options.recursive !== true) {
    one(place);
    return undefined;
  }
  const missing: string[] = [];
  for (let at = place; !real.existsSync(at); at = resolve(at, '..')) missing.unshift(at);
  if (missing.length === 0) {
    look(place);
    real.mkdirSync(place, options); // throws where it is a file
  }
  for (const directory of missing) one(directory);
  return missing[0];
}

function secondsOf(time: string | number | Date): number {
  return time instanceof Date ? time.getTime() / 1000 : Number(time);
}

/** Looks by path, each as in node:fs. */
const looking =
  <A extends readonly unknown[], R>(work: (path: PathLike, ...rest: A) => R) =>
  (path: PathLike, ...rest: A): R => {
    look(pathOf(path));
    return work(path, ...rest);
  };

function existsSync(path: PathLike): boolean {
  try {
    look(pathOf(path));
  } catch {
    return false;
  }
  return real.existsSync(path);
}

function readFileSync(path: PathOrFileDescriptor, options?: Parameters<typeof fs.readFileSync>[1]): string | Buffer {
  if (typeof path === 'number') lookAt(path);
  else look(pathOf(path));
  return real.readFileSync(path, options);
}

/** `look` at a file that is open. */
export function lookAt(fd: number): void {
  const handle = handles.get(fd);
  if (handle !== undefined) look(handle.file.path);
}

/** What takes the place of functions of node:fs. */
export const patched = {
  openSync,
  closeSync,
  writeSync,
  writeFileSync,
  copyFileSync,
  unlinkSync,
  rmdirSync,
  rmSync,
  mkdirSync,
  existsSync,
  readFileSync,
  statSync: Object.assign(looking(real.statSync), {}),
  lstatSync: looking(real.lstatSync),
  readdirSync: looking(real.readdirSync),
  readlinkSync: looking(real.readlinkSync),
  accessSync: looking(real.accessSync),
  readSync(fd: number, buffer: NodeJS.ArrayBufferView, ...rest: [never]) {
    lookAt(fd);
    return real.readSync(fd, buffer, ...rest);
  },
  renameSync(from: PathLike, to: PathLike) {
    change({ kind: 'rename', path: pathOf(to), from: pathOf(from) }, () => real.renameSync(from, to));
  },
  linkSync(from: PathLike, to: PathLike) {
    change({ kind: 'link', path: pathOf(to), from: pathOf(from) }, () => real.linkSync(from, to));
  },
  symlinkSync(target: PathLike, path: PathLike) {
    change({ kind: 'symlink', path: pathOf(path), target: String(target) }, () => real.symlinkSync(target, path));
  },
  fsyncSync(fd: number) {
    fdStep(
      fd,
      (file) => ({ kind: 'sync', path: file.path, file }),
      () => real.fsyncSync(fd),
    );
  },
  fdatasyncSync(fd: number) {
    fdStep(
      fd,
      (file) => ({ kind: 'sync', path: file.path, file }),
      () => real.fdatasyncSync(fd),
    );
  },
  ftruncateSync(fd: number, size = 0) {
    fdStep(
      fd,
      (file) => ({ kind: 'cut', path: file.path, file, size }),
      () => real.ftruncateSync(fd, size),
    );
  },
  fchmodSync(fd: number, mode: number) {
    fdStep(
      fd,
      ({ path }) => ({ kind: 'mode', path, mode }),
      () => real.fchmodSync(fd, mode),
    );
  },
  fchownSync(fd: number, uid: number, gid: number) {
    fdStep(
      fd,
      ({ path }) => ({ kind: 'owner', path }),
      () => real.fchownSync(fd, uid, gid),
    );
  },
  futimesSync(fd: number, atime: string | number | Date, mtime: string | number | Date) {
    fdStep(
      fd,
      ({ path }) => ({ kind: 'times', path, mtimeS: secondsOf(mtime) }),
      () => real.futimesSync(fd, atime, mtime),
    );
  },
  chmodSync(path: PathLike, mode: number) {
    change({ kind: 'mode', path: pathOf(path), mode }, () => real.chmodSync(path, mode));
  },
  chownSync(path: PathLike, uid: number, gid: number) {
    change({ kind: 'owner', path: pathOf(path) }, () => real.chownSync(path, uid, gid));
  },
  utimesSync(path: PathLike, atime: string | number | Date, mtime: string | number | Date) {
    change({ kind: 'times', path: pathOf(path), mtimeS: secondsOf(mtime) }, () => real.utimesSync(path, atime, mtime));
  },

  /** No scene sets the times of a link: what is set is the file's. */
  lutimesSync(path: PathLike, atime: string | number | Date, mtime: string | number | Date) {
    change({ kind: 'times', path: pathOf(path), mtimeS: secondsOf(mtime) }, () => real.lutimesSync(path, atime, mtime));
  },
};
