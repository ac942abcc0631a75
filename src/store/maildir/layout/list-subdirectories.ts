import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ifPresent } from '../../../fs/errno.js';

/** A directory in another one, or a link, which may lead to one. */
export type Subdirectory = {
  /** Where it is not valid UTF-8, as it can be shown: `.B\xfcro`. */
  readonly name: string;
  readonly isLink: boolean;
  /** The only way to one whose name is not valid UTF-8; else the path as usual. */
  readonly path: string | Buffer;
};

/**
 * What could be a mailbox in `directory`, for one listing of it; null where that is not there. Other file errors are
 * thrown.
 */
export function subdirectories(directory: string | Buffer): Subdirectory[] | null {
  const entries = ifPresent(() => readdirSync(directory, { withFileTypes: true, encoding: 'buffer' }));
  if (entries === null) return null;
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => ({ ...named(directory, entry.name), isLink: entry.isSymbolicLink() }));
}

/** A path below a directory whose own name may not be text. */
export function below(directory: string | Buffer, name: string | Buffer): string | Buffer {
  if (typeof directory === 'string' && typeof name === 'string') return join(directory, name);
  return Buffer.concat([Buffer.from(directory), Buffer.from('/'), Buffer.from(name)]);
}

function named(directory: string | Buffer, bytes: Buffer): Pick<Subdirectory, 'name' | 'path'> {
  const name = bytes.toString();
  if (!name.includes('\ufffd') || Buffer.from(name).equals(bytes)) return { name, path: below(directory, name) };
  return { name: shownBytes(bytes), path: below(directory, bytes) };
}

/** A name that is not text, or not to be printed as it is. */
export function shownBytes(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[^\x20-\x7e]/g, (byte) => {
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
