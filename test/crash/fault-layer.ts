import childProcess from 'node:child_process';
import fs, { type PathLike } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { promisify } from 'node:util';
import type { Plan, Watched } from './fault-plan.js';
import { flagsOf, lookAt, openingStep, patched } from './patched-fs.js';
import {
  type Bytes,
  beforeBytesOf,
  changeLater,
  fitting,
  handles,
  isWatched,
  leaks,
  look,
  partOf,
  pathOf,
  positionOf,
  real,
  realPromises,
  remember,
  setWatch,
  type Watch,
  watch,
} from './watched-disk.js';

// Stands between the program and the disk: node:fs and node:fs/promises are replaced within this process, and with them what SQLite (its
// wasm implementation) and `sync -f` do. The program under test is the one that ships; it does not know of this.

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
  setWatch(now);
  try {
    await work();
  } finally {
    setWatch(null);
    for (const close of leaks.splice(0)) close();
    for (const [fd, { isSync }] of handles) if (isSync) ignoring(() => real.closeSync(fd));
    handles.clear();
  }
  return now;
}

/** For a process of its own, which ends when its work does. */
export function watchUntilTheEnd(root: string, plan: Plan): void {
  setWatch({ root, plan, steps: [], calls: 0, happened: false, stopped: false, beforeBytes: beforeBytesOf(plan) });
}

function ignoring(work: () => void): void {
  try {
    work();
  } catch {
    // closed already
  }
}

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
