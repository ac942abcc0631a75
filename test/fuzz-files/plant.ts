import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Random } from '../bench/random.js';
import type { Outside } from './outside.js';

/** What is put in the place of a name. */
export const kinds = [
  'fifo',
  'fifo-held',
  'socket',
  'device',
  'link-device',
  'link-fifo',
  'link-nothing',
  'link-loop',
  'link-file',
  'link-folder',
  'link-their-file',
  'link-their-folder',
  'link-store',
  'link-root',
  'hard-link',
  'directory',
  'full-directory',
  'file',
  'empty',
  'garbage',
  'huge',
  'unreadable',
  'absent',
] as const;
export type Kind = (typeof kinds)[number];

/** Things of which there is one for all cases, to be linked to: they take a program, or root, to be made. */
export type Specimens = {
  readonly fifo: string;
  /** Somebody has both ends of it open, and says nothing. */
  readonly heldFifo: string;
  readonly socket: string;
  /** One that never ends; null where nobody could make it. */
  readonly device: string | null;
};

export type Planting = {
  readonly outside: Outside;
  readonly specimens: Specimens;
  /** The inbox's `cur` of the same case. */
  readonly cur: string;
  /** A folder of the user's own to which links in a store may lead; for those on a stick it is one that is watched. */
  readonly linked: string;
};

/** Bytes of what is huge: without room on the disk. A message may be large, so one that is takes long by right. */
const hugeBytes = 1_500_000_000;
const hugeMessageBytes = 64 << 20;

/** What had the name before, set aside to be put back; and whether anything was put there. */
export type Planted = { readonly isThere: boolean; putBack(): void };

/** Puts something of a kind in the place of `path`. Directories above it are made where they are not there, so that every name can be tried. */
export function plant(path: string, kind: Kind, random: Random, planting: Planting): Planted {
  const aside = `${dirname(dirname(planting.cur))}/aside`;
  rmSync(aside, { recursive: true, force: true });
  const had = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  let made: string | undefined;
  if (had) renameSync(path, aside);
  else if (lstatSync(dirname(path), { throwIfNoEntry: false }) === undefined) {
    made = mkdirSync(dirname(path), { recursive: true });
  }
  const isThere = put(path, kind, random, { ...planting, aside });
  const thing = (isThere ? lstatSync(path, { throwIfNoEntry: false }) : undefined) ?? null; // none: what is absent
  return {
    isThere,
    putBack() {
      // It may have been renamed where it was taken for what was written just then.
      if (thing !== null && !thing.isDirectory() && kind !== 'hard-link') {
        for (const below of [dirname(planting.cur), dirname(path)]) removeWherever(thing, below);
      }
      if (existsSync(path) && kind === 'unreadable') chmodSync(path, 0o700);
      rmSync(made ?? path, { recursive: true, force: true });
      if (!existsSync(aside)) return;
      mkdirSync(dirname(path), { recursive: true });
      renameSync(aside, path);
    },
  };
}

/**
 * A message that nobody can read may have got other flags, or a name of its own, and what was written as a bundle the name of
 * one: who makes it good finds it under that.
 */
function removeWherever({ dev, ino }: Stats, below: string): void {
  if (lstatSync(below, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  for (const entry of readdirSync(below, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    if (found.dev === dev && found.ino === ino) rmSync(path);
  }
}

function put(path: string, kind: Kind, random: Random, where: Planting & { readonly aside: string }): boolean {
  const { outside, specimens, cur, linked, aside } = where;
  const link = (target: string | undefined): boolean => {
    if (target !== undefined) symlinkSync(target, path);
    return target !== undefined;
  };
  const hardLink = (target: string | null): boolean => {
    if (target !== null) linkSync(target, path);
    return target !== null;
  };
  switch (kind) {
    case 'fifo':
      return hardLink(specimens.fifo);
    case 'fifo-held':
      return hardLink(specimens.heldFifo);
    case 'socket':
      return hardLink(specimens.socket);
    case 'device':
      return hardLink(specimens.device);
    case 'link-device':
      return link(random.pick(['/dev/zero', '/dev/full', '/dev/random', '/dev/tty']));
    case 'link-fifo':
      return link(specimens.fifo);
    case 'link-nothing':
      return link(outside.nothing);
    case 'link-loop':
      return link(path);
    case 'link-file':
      return link(outside.file);
    case 'link-folder':
      return link(linked);
    case 'link-their-file':
      return link(outside.theirs?.file);
    case 'link-their-folder':
      return link(outside.theirs?.folder);
    case 'link-store':
      return link(cur);
    case 'link-root':
      return link('/');
    case 'hard-link':
      return hardLink(outside.file);
    case 'directory':
      mkdirSync(path);
      return true;
    case 'full-directory':
      for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(path, part), { recursive: true });
      writeFileSync(join(path, 'file'), 'something');
      return true;
    case 'file':
      writeFileSync(path, 'something\n');
      return true;
    case 'empty':
      writeFileSync(path, '');
      return true;
    case 'garbage':
      writeFileSync(path, garbage(aside, random));
      return true;
    case 'huge':
      writeFileSync(path, wholeOf(aside));
      truncateSync(path, /\/(?:cur|new|tmp)\//.test(path) ? hugeMessageBytes : hugeBytes);
      return true;
    case 'unreadable':
      if (existsSync(aside)) cpSync(aside, path, { recursive: true });
      else writeFileSync(path, '');
      chmodSync(path, 0o000);
      return true;
    case 'absent':
      return existsSync(aside);
    default:
      return kind satisfies never;
  }
}

function wholeOf(file: string): Buffer {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file) : Buffer.alloc(0);
}

/** What was there, altered; or nothing that anybody wrote. */
function garbage(file: string, random: Random): Buffer {
  const before = wholeOf(file);
  if (before.length === 0 || random.chance(0.3)) return random.bytes(random.pick([1, 100, 10_000]));
  const bytes = random.chance(0.5) ? before.subarray(0, random.integer(0, before.length)) : Buffer.from(before);
  for (let n = random.integer(0, 3); n > 0 && bytes.length > 0; n--) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return bytes;
}
