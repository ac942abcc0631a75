import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** A directory tree in memory. Bytes are never changed in place, so that images may share them. */
export type Entry = FileEntry | DirectoryEntry | LinkEntry;
/** Hard links are one entry under several names. */
export type FileEntry = { readonly kind: 'file'; mode: number; mtimeS: number; bytes: Buffer };
export type DirectoryEntry = { readonly kind: 'directory'; mode: number; readonly entries: Map<string, Entry> };
export type LinkEntry = { readonly kind: 'link'; readonly target: string };

export function newDirectory(mode: number): DirectoryEntry {
  return { kind: 'directory', mode, entries: new Map() };
}

/** Reads what is there now. Sockets are passed over. */
export function readImage(directory: string): DirectoryEntry {
  const files = new Map<number, FileEntry>();
  const read = (path: string): DirectoryEntry => {
    const result = newDirectory(lstatSync(path).mode & 0o7777);
    for (const name of readdirSync(path).sort()) {
      const place = join(path, name);
      const found = lstatSync(place);
      if (found.isDirectory()) result.entries.set(name, read(place));
      else if (found.isSymbolicLink()) result.entries.set(name, { kind: 'link', target: readlinkSync(place) });
      else if (found.isFile()) {
        const known = files.get(found.ino);
        const entry: FileEntry = known ?? {
          kind: 'file',
          mode: found.mode & 0o7777,
          mtimeS: found.mtimeMs / 1000,
          bytes: readFileSync(place),
        };
        files.set(found.ino, entry);
        result.entries.set(name, entry);
      }
    }
    return result;
  };
  return read(directory);
}

/** Makes the directory be what the image says, and nothing else in it. */
export function writeImage(directory: string, image: DirectoryEntry): void {
  const written = new Map<FileEntry, string>();
  const write = (path: string, { mode, entries }: DirectoryEntry): void => {
    for (const [name, entry] of entries) {
      const place = join(path, name);
      if (entry.kind === 'directory') {
        mkdirSync(place);
        write(place, entry);
      } else if (entry.kind === 'link') symlinkSync(entry.target, place);
      else {
        const first = written.get(entry);
        if (first === undefined) {
          writeFileSync(place, entry.bytes, { mode: entry.mode });
          utimesSync(place, entry.mtimeS, entry.mtimeS);
          written.set(entry, place);
        } else linkSync(first, place);
      }
    }
    chmodSync(path, mode);
  };
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
  write(directory, image);
}

/** A copy that can be changed by itself. */
export function copyImage(image: DirectoryEntry): DirectoryEntry {
  const files = new Map<FileEntry, FileEntry>();
  const copy = ({ mode, entries }: DirectoryEntry): DirectoryEntry => {
    const result = newDirectory(mode);
    for (const [name, entry] of entries) {
      if (entry.kind === 'directory') result.entries.set(name, copy(entry));
      else if (entry.kind === 'link') result.entries.set(name, entry);
      else {
        const known = files.get(entry) ?? { ...entry };
        files.set(entry, known);
        result.entries.set(name, known);
      }
    }
    return result;
  };
  return copy(image);
}

/** The directory of that path in it. */
export function directoryIn(image: DirectoryEntry, path: string): DirectoryEntry {
  let found = image;
  for (const name of path.split('/')) {
    const entry = found.entries.get(name);
    if (entry?.kind !== 'directory') throw new Error(`there is no directory ${path}`);
    found = entry;
  }
  return found;
}

/** Two images of one fingerprint are the same in all that a program could see. */
export function fingerprintOf(image: DirectoryEntry): string {
  const hash = createHash('sha256');
  const numbers = new Map<FileEntry, number>();
  const add = ({ mode, entries }: DirectoryEntry): void => {
    hash.update(`${mode} ${entries.size}\n`);
    for (const [name, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${JSON.stringify(name)} ${entry.kind} `);
      if (entry.kind === 'directory') add(entry);
      else if (entry.kind === 'link') hash.update(JSON.stringify(entry.target));
      else {
        const number = numbers.get(entry) ?? numbers.size;
        const isNew = !numbers.has(entry);
        numbers.set(entry, number);
        hash.update(`${number} ${entry.mode} ${entry.mtimeS} ${entry.bytes.length}\n`);
        if (isNew) hash.update(entry.bytes);
      }
    }
  };
  add(image);
  return hash.digest('hex');
}

/** Paths of all that is in it, directories with a slash behind them. */
export function pathsIn(image: DirectoryEntry, above = ''): string[] {
  return [...image.entries].flatMap(([name, entry]) =>
    entry.kind === 'directory' ? [`${above}${name}/`, ...pathsIn(entry, `${above}${name}/`)] : [`${above}${name}`],
  );
}
