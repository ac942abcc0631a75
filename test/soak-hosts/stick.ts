import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../bench/random.js';

/** What bundles are carried on, and what befalls it. */
export type Stick = {
  readonly path: string;
  /** Something that happens to sticks; names it, or null where there was nothing it could happen to. */
  befall(random: Random, other: Stick): string | null;
  /** Leaves so many bytes free, where the stick is a file system of its own; false where it is not. */
  narrow(freeBytes: number): boolean;
  widen(): void;
  /** Bytes of all that lies there. */
  bytes(): number;
  files(): string[];
  remove(): void;
};

/** A small disk: room for everything, until it is narrowed. */
const roomyBytes = 64 << 20;

export function makeStick(path: string, { isDisk }: { readonly isDisk: boolean }): Stick {
  mkdirSync(path);
  const copy = `${path}-copy`;
  const isMounted = isDisk && mount(['-t', 'tmpfs', '-o', `size=${roomyBytes}`, 'tmpfs', path]);
  const files = (): string[] =>
    readdirSync(path, { recursive: true })
      .map((name) => join(path, String(name)))
      .filter((file) => statSync(file).isFile());
  const bundles = (): string[] => files().filter((file) => file.includes('.tar.zst'));
  const empty = (): void => {
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
  };

  const damages: readonly (readonly [string, (file: string, random: Random) => void])[] = [
    [
      'bundle flipped',
      (file, random) => {
        const bytes = readFileSync(file);
        const at = random.integer(0, bytes.length - 1);
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.integer(0, 7)), at);
        writeFileSync(file, bytes);
      },
    ],
    ['bundle cut', (file, random) => truncateSync(file, random.integer(0, statSync(file).size - 1))],
    ['bundle deleted', (file) => rmSync(file)],
  ];

  return {
    path,
    files,
    befall(random, other) {
      const kind = random.pick(['wiped', 'copied', 'put back', 'swapped', 'damaged', 'damaged', 'damaged'] as const);
      if (kind === 'wiped') {
        empty();
        return 'stick wiped';
      }
      if (kind === 'copied') {
        rmSync(copy, { recursive: true, force: true });
        cpSync(path, copy, { recursive: true, preserveTimestamps: true });
        return null;
      }
      if (kind === 'put back') {
        if (!existsSync(copy)) return null;
        empty();
        cpSync(copy, path, { recursive: true, preserveTimestamps: true });
        return 'stick put back to an older state';
      }
      if (kind === 'swapped') {
        if (other.path === path) return null;
        const aside = `${path}-aside`;
        mkdirSync(aside);
        moveAll(path, aside);
        moveAll(other.path, path);
        moveAll(aside, other.path);
        rmSync(aside, { recursive: true });
        return 'sticks swapped';
      }
      const hit = bundles().filter((file) => statSync(file).size > 0);
      if (hit.length === 0) return null;
      const [name, damage] = random.pick(damages);
      damage(random.pick(hit), random);
      return name;
    },
    narrow(freeBytes) {
      if (!isMounted) return false;
      const { blocks, bfree, bsize } = statfsSync(path);
      return mount(['-o', `remount,size=${(blocks - bfree) * bsize + freeBytes}`, path]);
    },
    widen() {
      if (isMounted) mount(['-o', `remount,size=${roomyBytes}`, path]);
    },
    bytes: () => files().reduce((sum, file) => sum + statSync(file).size, 0),
    remove() {
      if (isMounted) spawnSync('umount', [path]);
      for (const directory of [path, copy]) rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Between file systems, too. */
function moveAll(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    try {
      renameSync(join(from, name), join(to, name));
    } catch {
      cpSync(join(from, name), join(to, name), { recursive: true, preserveTimestamps: true });
      rmSync(join(from, name), { recursive: true });
    }
  }
}

/** False where nobody may mount here: then sticks are never full. */
function mount(args: readonly string[]): boolean {
  return spawnSync('mount', args).status === 0;
}
