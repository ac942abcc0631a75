import fs, { type PathLike } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiskStep, OpenFile } from './disk-step.js';
import { type Plan, Stopped, type StopWhen } from './fault-plan.js';

// What is known of the disk while faults are planned for it, and what becomes of each call.

type Handle = { readonly file: OpenFile; at: number; readonly appends: boolean; readonly isSync: boolean };

export type Watch = {
  readonly root: string;
  readonly plan: Plan;
  readonly steps: DiskStep[];
  calls: number;
  happened: boolean;
  stopped: boolean;
  /** What lay below `within` of a disk that becomes full, in bytes, when it began. */
  readonly beforeBytes: number;
};

/** What is being watched; null where nothing is. */
export let watch: Watch | null = null;

/** Sets `watch`. */
export function setWatch(now: Watch | null): void {
  watch = now;
}

let openings = 0;

/** The files that are open, by their descriptors. */
export const handles = new Map<number, Handle>();

/** What closes whatever is left open when the program has died. */
export const leaks: (() => void)[] = [];

/** As node:fs and node:fs/promises are. */
export const real = { ...fs };
export const realPromises = { ...fs.promises };

/** By which the tests know a file: one in a folder that is held open is named by the folder's descriptor. */
export function pathOf(path: PathLike): string {
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
export function change<T>(step: DiskStep, perform: () => T, half: () => void = () => undefined): T {
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

/** `change`, of what takes a while. */
export async function changeLater<T>(
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
export function look(path: string): void {
  const now = watch;
  if (now === null || !isBelow(path, now.root)) return;
  const fate = fateOf(now, now, path, false);
  if (fate.kind === 'fail') throw fate.error;
}

/** Does a path lie where faults are? */
export function isWatched(path: string): boolean {
  return watch !== null && isBelow(path, watch.root);
}

/** Notes a file that was opened, where it is watched. Answers its descriptor. */
export function remember(
  fd: number,
  path: string,
  { flags, isSync }: { readonly flags: number; readonly isSync: boolean },
): number {
  if (!isWatched(path)) return fd;
  openings++;
  handles.set(fd, { file: { opened: openings, path }, at: 0, appends: (flags & fs.constants.O_APPEND) !== 0, isSync });
  return fd;
}

export type Bytes = NodeJS.ArrayBufferView | string;

/** The bytes of what is written. */
export function asBuffer(data: Bytes): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

/** The part of `data` that a write is about. */
export function partOf(data: Bytes, offset: unknown, length: unknown): Buffer {
  const whole = asBuffer(data);
  if (typeof data === 'string') return whole;
  const from = typeof offset === 'number' ? offset : 0;
  return whole.subarray(from, typeof length === 'number' ? from + length : undefined);
}

/** Where in its file a write begins. */
export function positionOf(handle: Handle, fd: number, position: unknown): number {
  if (typeof position === 'number') return position;
  return handle.appends ? real.fstatSync(fd).size : handle.at;
}

/** As much of a write as there is room for. Throws ENOSPC where there is none. */
export function fitting(path: string, bytes: Buffer): Buffer {
  const now = watch;
  if (now?.plan.kind !== 'full' || !isBelow(path, now.plan.within)) return bytes;
  const roomBytes = now.beforeBytes + now.plan.bytes - bytesBelow(now.plan.within);
  if (roomBytes >= bytes.length) return bytes;
  now.happened = true;
  if (roomBytes <= 0) throw errnoError('ENOSPC', path);
  return bytes.subarray(0, roomBytes);
}

/** `Watch.beforeBytes` for a plan. */
export function beforeBytesOf(plan: Plan): number {
  return plan.kind === 'full' ? bytesBelow(plan.within) : 0;
}

function bytesBelow(directory: string): number {
  const entries = real.readdirSync(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + real.statSync(join(parentPath, name)).size, 0);
}
