import childProcess from 'node:child_process';
import fs, { type PathLike, type PathOrFileDescriptor } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DiskStep, OpenFile } from './disk-step.js';

// Stands between the program and the disk: node:fs and node:fs/promises are replaced within this process, and with them what SQLite (its
// wasm implementation) and `sync -f` do. The program under test is the one that ships; it does not know of this.

/** What goes wrong. Calls are counted from 1. */
export type Plan =
  | { readonly kind: 'watch' }
  /** The program dies at its n-th change: from there on nothing changes any more, whatever it tries. `torn`: half of a write is done. */
  | { readonly kind: 'stop'; readonly at: number; readonly when: StopWhen }
  /** The same, and the process is really killed. */
  | { readonly kind: 'kill'; readonly at: number; readonly when: StopWhen }
  /** The n-th call below `within` fails, and where it is said all that follow there. */
  | {
      readonly kind: 'fail';
      readonly at: number;
      readonly errno: 'ENOSPC' | 'EIO' | 'EROFS' | 'ENOENT' | 'ENODEV';
      readonly within: string;
      /** Calls that only look fail too, and count. */
      readonly looks: boolean;
      readonly lasting: boolean;
      /** A write is done by half first, as on a disk that has just become full. */
      readonly short: boolean;
    }
  /** There is room for so many bytes more below `within`: of a write that is larger so much is done as fits, as on a real disk. */
  | { readonly kind: 'full'; readonly bytes: number; readonly within: string }
  /** Before the n-th call below `within`, something is done to the disk. */
  | { readonly kind: 'meddle'; readonly at: number; readonly within: string; readonly act: () => void };

export type StopWhen = 'before' | 'after' | 'torn';

/** Thrown by every change after a stop. Has no errno: nothing in the program expects it. */
export class Stopped extends Error {}

/** What happened while the layer stood there. */
export type Watched = {
  /** All changes that were made, in their order. */
  readonly steps: readonly DiskStep[];
  /** Calls that count for the plan: changes, or with `looks` all. */
  readonly calls: number;
  /** Did it come to what was planned? */
  readonly happened: boolean;
};

type Handle = { readonly file: OpenFile; at: number; readonly appends: boolean; readonly isSync: boolean };

type Watch = {
  readonly root: string;
  readonly plan: Plan;
  readonly steps: DiskStep[];
  calls: number;
  happened: boolean;
  stopped: boolean;
  /** What lay below `within` of a disk that becomes full, in bytes, when it began. */
  readonly beforeBytes: number;
};

let watch: Watch | null = null;
let openings = 0;
const handles = new Map<number, Handle>();
const leaks: (() => void)[] = [];
const real = { ...fs };
const realPromises = { ...fs.promises };

/** Runs `work` with the disk below `root` going wrong as planned. Afterwards all that it left open is closed, as of a process that ended. */
export async function withFaults(root: string, plan: Plan, work: () => Promise<unknown>): Promise<Watched> {
  const now: Watch = {
    root,
    plan,
    steps: [],
    calls: 0,
    happened: false,
    stopped: false,
    beforeBytes: beforeBytesOf(plan),
  };
  watch = now;
  try {
    await work();
  } finally {
    watch = null;
    for (const close of leaks.splice(0)) close();
    for (const [fd, { isSync }] of handles) if (isSync) ignoring(() => real.closeSync(fd));
    handles.clear();
  }
  return now;
}

/** For a process of its own, which ends when its work does. */
export function watchUntilTheEnd(root: string, plan: Plan): void {
  watch = { root, plan, steps: [], calls: 0, happened: false, stopped: false, beforeBytes: beforeBytesOf(plan) };
}

function ignoring(work: () => void): void {
  try {
    work();
  } catch {
    // closed already
  }
}

/** By which the tests know a file: one in a folder that is held open is named by the folder's descriptor. */
function pathOf(path: PathLike): string {
  if (path instanceof URL) return fileURLToPath(path);
  const plain = resolve(typeof path === 'string' ? path : path.toString());
  const [, folder, rest] = /^(\/proc\/self\/fd\/\d+)(\/.*)$/.exec(plain) ?? [];
  return folder === undefined || rest === undefined ? plain : `${real.readlinkSync(folder)}${rest}`;
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function errnoError(errno: string, path: string): Error {
  return Object.assign(new Error(`${errno}: injected, '${path}'`), { code: errno, syscall: 'injected', path });
}

/** What is to happen at this call: it is done, or half of it, or it fails. */
type Fate =
  | { readonly kind: 'go' }
  | { readonly kind: 'stop'; readonly when: StopWhen }
  | { readonly kind: 'fail'; readonly error: Error; readonly short: boolean };

const go: Fate = { kind: 'go' };

function fateOf({ plan, ...at }: Watch, now: Watch, path: string, isChange: boolean): Fate {
  if (isChange && at.stopped) throw new Stopped(`after the stop: ${path}`);
  switch (plan.kind) {
    case 'watch':
    case 'full':
      if (isChange) now.calls++;
      return go;
    case 'stop':
    case 'kill':
      if (!isChange) return go;
      now.calls++;
      if (now.calls !== plan.at) return go;
      now.happened = true;
      return { kind: 'stop', when: plan.when };
    case 'fail': {
      if (!isBelow(path, plan.within) || !(isChange || plan.looks)) return go;
      now.calls++;
      if (now.calls !== plan.at && !(plan.lasting && now.calls > plan.at)) return go;
      now.happened = true;
      return { kind: 'fail', error: errnoError(plan.errno, path), short: plan.short };
    }
    case 'meddle':
      if (!isBelow(path, plan.within)) return go;
      now.calls++;
      if (now.calls !== plan.at) return go;
      now.happened = true;
      plan.act();
      return go;
    default:
      return plan satisfies never;
  }
}

function die(now: Watch): never {
  now.stopped = true;
  if (now.plan.kind === 'kill') {
    process.kill(process.pid, 'SIGKILL');
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  }
  throw new Stopped('stopped here');
}

/** A change, by way of the plan. `half` does a part of it. */
function change<T>(step: DiskStep, perform: () => T, half: () => void = () => undefined): T {
  const now = watch;
  if (now === null || !isBelow(step.path, now.root)) return perform();
  const fate = fateOf(now, now, step.path, true);
  if (fate.kind === 'fail') {
    if (fate.short) half();
    throw fate.error;
  }
  if (fate.kind === 'stop' && fate.when === 'before') die(now);
  if (fate.kind === 'stop' && fate.when === 'torn') {
    half();
    die(now);
  }
  const result = perform();
  now.steps.push(step);
  if (fate.kind === 'stop') die(now);
  return result;
}

async function changeLater<T>(
  step: DiskStep,
  perform: () => Promise<T>,
  half: () => Promise<void> = async () => undefined,
): Promise<T> {
  const now = watch;
  if (now === null || !isBelow(step.path, now.root)) return perform();
  const fate = fateOf(now, now, step.path, true);
  if (fate.kind === 'fail') {
    if (fate.short) await half();
    throw fate.error;
  }
  if (fate.kind === 'stop' && fate.when === 'before') die(now);
  if (fate.kind === 'stop' && fate.when === 'torn') {
    await half();
    die(now);
  }
  const result = await perform();
  now.steps.push(step);
  if (fate.kind === 'stop') die(now);
  return result;
}

/** A call that changes nothing. */
function look(path: string): void {
  const now = watch;
  if (now === null || !isBelow(path, now.root)) return;
  const fate = fateOf(now, now, path, false);
  if (fate.kind === 'fail') throw fate.error;
}

function isWatched(path: string): boolean {
  return watch !== null && isBelow(path, watch.root);
}

const { O_CREAT, O_TRUNC, O_APPEND, O_EXCL, O_WRONLY, O_RDONLY } = fs.constants;

function flagsOf(flags: string | number | undefined): number {
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
function openingStep(path: string, flags: number, mode: unknown): DiskStep | null {
  const isThere = real.existsSync(path);
  if ((flags & O_CREAT) !== 0 && !isThere) return { kind: 'create', path, mode: modeOf(mode) };
  if ((flags & O_TRUNC) !== 0 && isThere && (flags & O_EXCL) === 0) return { kind: 'empty', path };
  return null;
}

function remember(
  fd: number,
  path: string,
  { flags, isSync }: { readonly flags: number; readonly isSync: boolean },
): number {
  if (!isWatched(path)) return fd;
  openings++;
  handles.set(fd, { file: { opened: openings, path }, at: 0, appends: (flags & O_APPEND) !== 0, isSync });
  return fd;
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

type Bytes = NodeJS.ArrayBufferView | string;

function asBuffer(data: Bytes): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The part of `data` that a write is about. */
function partOf(data: Bytes, offset: unknown, length: unknown): Buffer {
  const whole = asBuffer(data);
  if (typeof data === 'string') return whole;
  const from = typeof offset === 'number' ? offset : 0;
  return whole.subarray(from, typeof length === 'number' ? from + length : undefined);
}

function positionOf(handle: Handle, fd: number, position: unknown): number {
  if (typeof position === 'number') return position;
  return handle.appends ? real.fstatSync(fd).size : handle.at;
}

/** As much of a write as there is room for. Throws ENOSPC where there is none. */
function fitting(path: string, bytes: Buffer): Buffer {
  const now = watch;
  if (now?.plan.kind !== 'full' || !isBelow(path, now.plan.within)) return bytes;
  const roomBytes = now.beforeBytes + now.plan.bytes - bytesBelow(now.plan.within);
  if (roomBytes >= bytes.length) return bytes;
  now.happened = true;
  if (roomBytes <= 0) throw errnoError('ENOSPC', path);
  return bytes.subarray(0, roomBytes);
}

function beforeBytesOf(plan: Plan): number {
  return plan.kind === 'full' ? bytesBelow(plan.within) : 0;
}

function bytesBelow(directory: string): number {
  const entries = real.readdirSync(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + real.statSync(join(parentPath, name)).size, 0);
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

function lookAt(fd: number): void {
  const handle = handles.get(fd);
  if (handle !== undefined) look(handle.file.path);
}

const patched = {
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

/** Calls that the program does not make. Should it begin to, they have to be learnt here first. */
const unknownCalls = {
  sync: ['appendFileSync', 'cpSync', 'truncateSync', 'writevSync', 'lchownSync', 'createWriteStream'],
  async: [
    'appendFile',
    'chmod',
    'chown',
    'copyFile',
    'cp',
    'lchown',
    'link',
    'lutimes',
    'mkdir',
    'rm',
    'rmdir',
    'symlink',
    'truncate',
    'unlink',
    'utimes',
    'writeFile',
  ],
} as const;

function refusing(names: readonly string[], of: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const refused =
    (name: string) =>
    (path: unknown, ...rest: readonly unknown[]): unknown => {
      if (typeof path === 'string' && isWatched(pathOf(path)))
        throw new Error(`the fault layer does not know ${name}: ${path}`);
      const work = of[name];
      return typeof work === 'function' ? Reflect.apply(work, of, [path, ...rest]) : undefined;
    };
  return Object.fromEntries(names.map((name) => [name, refused(name)]));
}

type FileHandle = fs.promises.FileHandle;

const patchedPromises = {
  async open(path: PathLike, flags?: string | number, mode?: number): Promise<FileHandle> {
    const place = pathOf(path);
    if (!isWatched(place)) return realPromises.open(path, flags, mode);
    const bits = flagsOf(flags);
    const step = openingStep(place, bits, mode);
    const perform = async (): Promise<FileHandle> => {
      const opened = await realPromises.open(path, bits, mode);
      leaks.push(() => void opened.close().catch(() => undefined)); // a stop may come between
      return opened;
    };
    if (step === null) look(place);
    const handle = step === null ? await perform() : await changeLater(step, perform);
    remember(handle.fd, place, { flags: bits, isSync: false });
    return handle;
  },
  rename(from: PathLike, to: PathLike): Promise<void> {
    return changeLater({ kind: 'rename', path: pathOf(to), from: pathOf(from) }, () => realPromises.rename(from, to));
  },
  async stat(path: PathLike, ...rest: [never]): Promise<fs.Stats> {
    look(pathOf(path));
    return realPromises.stat(path, ...rest);
  },
};

/** Files opened by node:fs/promises share one class, which is not exported. */
async function patchFileHandles(): Promise<void> {
  const probe = await realPromises.open('/dev/null');
  const prototype: FileHandle = Object.getPrototypeOf(probe);
  await probe.close();
  const { write, sync, read, close } = prototype;
  const unbound = { write, sync, read, close };
  Object.assign(prototype, {
    async write(this: FileHandle, data: Bytes, offset?: number, length?: number, position?: number) {
      const handle = handles.get(this.fd);
      const bytes = partOf(data, offset, length);
      const writing = (part: Buffer, at: number | null) =>
        Reflect.apply(unbound.write, this, [part, 0, part.length, at]);
      if (handle === undefined) return writing(bytes, position ?? null);
      const at = positionOf(handle, this.fd, position);
      const { file } = handle;
      const part = fitting(file.path, bytes);
      const answer = await changeLater(
        { kind: 'write', path: file.path, file, at, bytes: Buffer.from(part) },
        () => writing(part, at),
        async () => void (await writing(part.subarray(0, part.length >> 1), at)),
      );
      if (position === undefined) handle.at = at + part.length;
      return answer;
    },
    async sync(this: FileHandle) {
      const file = handles.get(this.fd)?.file;
      const perform = (): Promise<void> => Reflect.apply(unbound.sync, this, []);
      return file === undefined ? perform() : changeLater({ kind: 'sync', path: file.path, file }, perform);
    },
    async read(this: FileHandle, ...rest: unknown[]) {
      lookAt(this.fd);
      return Reflect.apply(unbound.read, this, rest);
    },
    async close(this: FileHandle) {
      handles.delete(this.fd);
      return Reflect.apply(unbound.close, this, []);
    },
  });
}

/** `sync -f`, as the program calls it, is a step that is counted and not made: what is on a disk in memory is there. */
function patchPrograms(): void {
  const { execFile } = childProcess;
  const later = promisify(execFile);
  const replaced = Object.assign((...args: unknown[]): unknown => Reflect.apply(execFile, childProcess, args), {
    [promisify.custom]: async (file: string, args: readonly string[], ...rest: unknown[]) => {
      const path = file === 'sync' ? args.at(-1) : undefined;
      if (path !== undefined && isWatched(pathOf(path)))
        return changeLater({ kind: 'sync-all', path: pathOf(path) }, async () => ({ stdout: '', stderr: '' }));
      return Reflect.apply(later, null, [file, args, ...rest]);
    },
  });
  Object.assign(childProcess, { execFile: replaced });
}

/** Of the two SQLites the wasm one, whatever this Node has: only what it writes comes by here. */
function hideNativeSqlite(): void {
  const { getBuiltinModule } = process;
  Object.assign(process, {
    getBuiltinModule: (id: string): unknown =>
      id === 'node:sqlite' ? undefined : Reflect.apply(getBuiltinModule, process, [id]),
  });
}

/** The sockets by which a process shows that it lives end with it. */
function patchServers(): void {
  const { createServer } = net;
  Object.assign(net, {
    createServer(...args: unknown[]): net.Server {
      const server: net.Server = Reflect.apply(createServer, net, args);
      if (watch !== null) leaks.push(() => void server.close());
      return server;
    },
  });
}

Object.assign(fs, patched, refusing(unknownCalls.sync, { ...real }));
Object.assign(fs.promises, patchedPromises, refusing(unknownCalls.async, { ...realPromises }));
await patchFileHandles();
patchPrograms();
patchServers();
hideNativeSqlite();
syncBuiltinESMExports();
