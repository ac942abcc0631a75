import {
  chownSync,
  closeSync,
  copyFileSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Custody, errnoOf, ifPresent, syncPath } from '../../files.js';
import { containerOf } from '../../mail/containers.js';
import { type Guid, guidPattern } from '../../mail/guid.js';
import { unpacked } from '../../mail/unpack.js';
import { isUntaken } from '../../mail/untaken.js';
import { makeDirectories } from './create-folder.js';

/** The directory within the root's `tmp`. */
const directoryName = 'mrepl-trash';

/**
 * The message files that mrepl expunged, named by their guids: a directory in the `tmp` of the store's root. Elsewhere below the root it would be seen:
 * with directories as mailboxes Dovecot shows any other one as a mailbox that cannot be selected, and notmuch reads what is in it as mail. Dovecot
 * clears `tmp` of old files, but leaves directories in it alone.
 */
export type TrashFiles = {
  readonly directory: string;
  /** The file at an absolute path becomes the one of this text, in the place of another. Throws `ENOENT` where it is not there. */
  keep(guid: Guid, path: string): void;
  path(guid: Guid): string;
  guids(): Set<Guid>;
  /** Up to `bytesMax` of the beginning of its text; null where there is no such file, or none that can be read. */
  beginning(guid: Guid, bytesMax: number): Promise<Uint8Array | null>;
  drop(keep: ReadonlySet<Guid>): void;
};

export function createTrashFiles(
  root: string,
  { custody, written }: { readonly custody: Custody; readonly written: Set<string> },
): TrashFiles {
  const directory = join(root, 'tmp', directoryName);
  const pathOf = (guid: Guid): string => join(directory, guid);
  let isMade = false;
  return {
    directory,
    path: pathOf,
    keep(guid, path) {
      if (!isMade) {
        makeDirectories(directory, custody);
        syncPath(dirname(directory));
        isMade = true;
      }
      moveFile(path, pathOf(guid), custody);
      written.add(directory);
    },
    guids() {
      return new Set(names().filter((name) => guidPattern.test(name)));
    },
    async beginning(guid, bytesMax) {
      const fd = ifPresent(() => openSync(pathOf(guid), 'r'));
      if (fd === null) return null;
      let bytes = Buffer.allocUnsafe(bytesMax);
      try {
        bytes = bytes.subarray(0, readSync(fd, bytes));
      } finally {
        closeSync(fd);
      }
      if (containerOf(bytes) === null) return bytes;
      const packed = ifPresent(() => readFileSync(pathOf(guid)));
      const plain = packed && (await unpacked(packed));
      return plain === null || isUntaken(plain) ? null : plain.subarray(0, bytesMax);
    },
    drop(keep) {
      const going = names().filter((name) => !keep.has(name));
      for (const name of going) rmSync(join(directory, name), { recursive: true, force: true });
      if (going.length === 0) return;
      isMade = false;
      try {
        rmdirSync(directory);
      } catch (error) {
        if (errnoOf(error) !== 'ENOTEMPTY') throw error;
      }
    },
  };

  function names(): string[] {
    return ifPresent(() => readdirSync(directory)) ?? [];
  }
}

/** Renames a file; copies it, durably, before it goes where it lies on another file system. */
function moveFile(from: string, to: string, { owner }: Custody): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    const temporary = `${to}.part`;
    copyFileSync(from, temporary);
    if (owner !== null) chownSync(temporary, owner.uid, owner.gid);
    syncPath(temporary);
    renameSync(temporary, to);
  }
  rmSync(from, { force: true }); // still there where it was copied, or where both names were links to one file
}
