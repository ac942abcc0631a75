import { basename, dirname, relative } from 'node:path';
import type { DiskStep } from './disk-step.js';
import { copyImage, type DirectoryEntry, type Entry, type FileEntry, newDirectory } from './image.js';

// What may be on a disk when the power goes after some of the recorded steps, in the way of ALICE and CrashMonkey:
//
// - The content of a file is certain up to its last fsync, or the last `sync -f` of its file system. Of later writes, each by itself is
//   there or not, in any order; a file can be long and empty, or short.
// - A name (create, link, rename, unlink, mkdir, rmdir) is there, or gone, for certain after an fsync of its directory, or `sync -f`: after a rename
//   from one directory to another, or anywhere on the stick, the file may have both names. An fsync of a file
//   makes the name it has then certain, too, as on all journaling file systems of Linux; SQLite relies on it. Of other names, each by itself is there or
//   not, in any order.
// - Dates and modes are there: they are in the same journal as names, and before them.
// - On the stick, which may be FAT: a file that was renamed and not synced since has no content, as was measured there.
//
// More than most file systems lose, so that what survives this survives them.

/** Which of the uncertain steps are there. */
export type Luck = 'none' | 'names' | 'content' | number;

/** The disk after the first `count` steps and a power failure; `stick` is the directory that may be FAT. A number as `luck` is the seed of a die. */
export function afterPowerFailure(
  before: DirectoryEntry,
  steps: readonly DiskStep[],
  how: { readonly root: string; readonly stick: string; readonly count: number; readonly luck: Luck },
): DirectoryEntry {
  const { root, stick, count, luck } = how;
  const whole = copyImage(before);
  const twins = new Map<Entry, Entry>();
  const disk = twinOf(whole, twins);
  const open = new Map<number, Entry>();
  const events = steps.slice(0, count).map((step) => traced(whole, step, { root, open }));
  const die = diceOf(typeof luck === 'number' ? luck : 0);
  const renamed = new Map<Entry, boolean>();
  for (const [index, event] of events.entries()) {
    const { step, target } = event;
    if (step.kind === 'sync' && target !== null) renamed.set(target, false);
    const isName = event.directories.length > 0;
    const isThere =
      isCertain(events, index) ||
      (luck === 'names' && isName) ||
      (luck === 'content' && !isName) ||
      (typeof luck === 'number' && die() < 0.5);
    const keepsOldName =
      step.kind === 'rename' &&
      (event.directories[0] !== event.directories[1] || isBelow(step.path, stick)) &&
      isThere &&
      !isCertain(events, index, 'old name') &&
      luck !== 'names' &&
      (typeof luck !== 'number' || die() < 0.5);
    if (isThere) redo(event, twins, keepsOldName);
    if (isThere && step.kind === 'rename' && isBelow(step.path, stick) && target !== null) renamed.set(target, true);
  }
  for (const [entry, isUnsynced] of renamed) {
    const twin = twins.get(entry);
    if (isUnsynced && twin?.kind === 'file') twin.bytes = Buffer.alloc(0);
  }
  return disk;
}

/** A step, and what it was about when everything was there. */
type Event = {
  readonly step: DiskStep;
  /** The file, directory or link. */
  readonly target: Entry | null;
  /** The directories in which a name changes: where it is new first. */
  readonly directories: readonly DirectoryEntry[];
};

function traced(
  whole: DirectoryEntry,
  step: DiskStep,
  { root, open }: { readonly root: string; readonly open: Map<number, Entry> },
): Event {
  const at = (path: string): Entry | null => {
    let entry: Entry | undefined = whole;
    for (const name of relative(root, path).split('/').filter(Boolean)) {
      entry = entry?.kind === 'directory' ? entry.entries.get(name) : undefined;
    }
    return entry ?? null;
  };
  const directory = (path: string): DirectoryEntry => {
    const found = at(dirname(path));
    if (found?.kind !== 'directory') throw new Error(`a step in a directory that is not there: ${path}`);
    return found;
  };
  const named = (target: Entry): Event => {
    directory(step.path).entries.set(basename(step.path), target);
    return { step, target, directories: [directory(step.path)] };
  };
  switch (step.kind) {
    case 'create':
      return named({ kind: 'file', mode: step.mode, mtimeS: 1_700_000_000, bytes: Buffer.alloc(0) });
    case 'mkdir':
      return named(newDirectory(step.mode & 0o7777));
    case 'symlink':
      return named({ kind: 'link', target: step.target });
    case 'link':
    case 'rename': {
      const target = at(step.from);
      if (target === null) throw new Error(`a step with a file that is not there: ${step.from}`);
      const from = directory(step.from);
      if (step.kind === 'rename') from.entries.delete(basename(step.from));
      directory(step.path).entries.set(basename(step.path), target);
      return {
        step,
        target,
        directories: step.kind === 'link' ? [directory(step.path)] : [directory(step.path), from],
      };
    }
    case 'unlink':
    case 'rmdir': {
      const target = at(step.path);
      const from = directory(step.path);
      from.entries.delete(basename(step.path));
      return { step, target, directories: [from] };
    }
    case 'write':
    case 'cut':
    case 'sync': {
      const target = open.get(step.file.opened) ?? at(step.path);
      if (target !== null) open.set(step.file.opened, target);
      return { step, target, directories: [] };
    }
    default:
      return { step, target: at(step.path), directories: [] };
  }
}

function isCertain(events: readonly Event[], index: number, what: 'new name' | 'old name' = 'new name'): boolean {
  const event = events[index];
  if (event === undefined) return false;
  const { step, target, directories } = event;
  const later = events.slice(index + 1);
  const isSynced = (entry: Entry | null): boolean =>
    later.some((next) => next.step.kind === 'sync' && next.target === entry);
  if (later.some((next) => next.step.kind === 'sync-all' && isSameSystem(next.step.path, step.path))) return true;
  if (step.kind === 'times' || step.kind === 'mode') return true;
  if (directories.length === 0) return isSynced(target);
  if (isSynced(directories[what === 'new name' ? 0 : 1] ?? directories[0] ?? null)) return true;
  if (what === 'old name') return false;
  const givesName = step.kind === 'create' || step.kind === 'rename' || step.kind === 'link';
  return givesName && target?.kind === 'file' && isSynced(target);
}

/** Every home directory, and the stick, is a file system of its own. */
function isSameSystem(a: string, b: string): boolean {
  const [first, second] = [a.split('/'), b.split('/')];
  return first.slice(0, 5).join('/') === second.slice(0, 5).join('/');
}

function redo({ step, target, directories }: Event, twins: Map<Entry, Entry>, keepsOldName: boolean): void {
  const twin = target === null ? null : twinOf(target, twins, true);
  const [to, from] = directories.map((directory) => twinOf(directory, twins, true));
  switch (step.kind) {
    case 'create':
    case 'mkdir':
    case 'symlink':
    case 'link':
      if (twin !== null) to?.entries.set(basename(step.path), twin);
      return;
    case 'rename':
      if (!keepsOldName && from?.entries.get(basename(step.from)) === twin) from?.entries.delete(basename(step.from));
      if (twin !== null) to?.entries.set(basename(step.path), twin);
      return;
    case 'unlink':
      if (to?.entries.get(basename(step.path)) === twin) to?.entries.delete(basename(step.path));
      return;
    case 'rmdir':
      to?.entries.delete(basename(step.path)); // and with it whatever was in it: it was empty
      return;
    case 'write':
      if (twin?.kind === 'file') overwrite(twin, step.at, step.bytes);
      return;
    case 'cut':
    case 'empty':
      if (twin?.kind === 'file') {
        const size = step.kind === 'cut' ? step.size : 0;
        const bytes = Buffer.alloc(size);
        twin.bytes.copy(bytes);
        twin.bytes = bytes;
      }
      return;
    case 'times':
      if (twin?.kind === 'file') twin.mtimeS = step.mtimeS;
      return;
    case 'mode':
      if (twin !== null && twin.kind !== 'link') twin.mode = step.mode;
      return;
    default:
      return; // syncs, and owners, which are the same everywhere here
  }
}

function overwrite(file: FileEntry, at: number, bytes: Buffer): void {
  const after = Buffer.alloc(Math.max(file.bytes.length, at + bytes.length));
  file.bytes.copy(after);
  bytes.copy(after, at);
  file.bytes = after;
}

/** The same on the disk that lost its power. `isNew`: what is made later has no content at first. */
function twinOf<E extends Entry>(entry: E, twins: Map<Entry, Entry>, isNew?: boolean): E;
function twinOf(entry: Entry, twins: Map<Entry, Entry>, isNew = false): Entry {
  const known = twins.get(entry);
  if (known !== undefined) return known;
  const twin: Entry =
    entry.kind === 'directory'
      ? newDirectory(entry.mode)
      : entry.kind === 'file'
        ? { ...entry, bytes: isNew ? Buffer.alloc(0) : entry.bytes }
        : entry;
  twins.set(entry, twin);
  if (!isNew && entry.kind === 'directory' && twin.kind === 'directory') {
    for (const [name, child] of entry.entries) twin.entries.set(name, twinOf(child, twins));
  }
  return twin;
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
