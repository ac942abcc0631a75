import { closeSync, existsSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type Custody, syncPath } from '../../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../../fs/errno.js';
import { copyUntrusted, openUntrusted, removeName } from '../../../fs/open-untrusted-file.js';
import { containerOf } from '../../../mail/packed/container-kinds.js';
import { unpacked } from '../../../mail/packed/unpack.js';
import { isUntaken } from '../../../mail/packed/unreadable-file-reasons.js';
import { type Guid, guidPattern } from '../../../mail/text/text-guid.js';
import { messageRule, readStored } from '../../host-files/read-stored-file.js';
import { namesAt, type PrivatePlace, pathAt, removeAt } from './private-directory.js';

/** The message files that mrepl expunged, named by their guids, in a place of its own. */
export type TrashFiles = {
  readonly directory: string;
  /**
   * The file at an absolute path becomes the one of this text, in the place of another. Throws `ENOENT` where it is not
   * there.
   */
  keep(guid: Guid, path: string): void;
  path(guid: Guid): string;
  guids(): Set<Guid>;
  /** Up to `bytesMax` of the beginning of its text; null where there is no such file, or none that can be read. */
  beginning(guid: Guid, bytesMax: number): Promise<Uint8Array | null>;
  drop(keep: ReadonlySet<Guid>): void;
};

export function createTrashFiles(
  place: PrivatePlace,
  { custody, written }: { readonly custody: Custody; readonly written: Set<string> },
): TrashFiles {
  const pathOf = (guid: Guid): string => pathAt(place, guid);
  let isMade = false;
  return {
    get directory() {
      return place.directory;
    },
    path: pathOf,
    keep(guid, path) {
      const { directory } = place;
      // Somebody may have removed it: a rename to where no directory is would look as if the message had gone.
      if (!isMade || !existsSync(directory)) place.make();
      isMade = true;
      moveFile(path, join(directory, guid), custody);
      written.add(directory);
    },
    guids() {
      return new Set(namesAt(place).filter((name) => guidPattern.test(name)));
    },
    async beginning(guid, bytesMax) {
      const fd = ifPresent(() => openUntrusted(pathOf(guid), messageRule).fd);
      if (fd === null) return null;
      let bytes = Buffer.allocUnsafe(bytesMax);
      try {
        bytes = bytes.subarray(0, readSync(fd, bytes));
      } finally {
        closeSync(fd);
      }
      if (containerOf(bytes) === null) return bytes;
      const packed = ifPresent(() => readStored(pathOf(guid)));
      const plain = packed && (await unpacked(packed));
      return plain === null || isUntaken(plain) ? null : plain.subarray(0, bytesMax);
    },
    drop(keep) {
      place.moveIn();
      const going = namesAt(place).filter((name) => !keep.has(name));
      if (going.length > 0) isMade = false;
      removeAt(place, going);
    },
  };
}

/** Renames a file; copies it, durably, before it goes where it lies on another file system. */
function moveFile(from: string, to: string, custody: Custody): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    const temporary = `${to}.part`;
    removeName(temporary);
    copyUntrusted(from, temporary, { ...messageRule, custody });
    syncPath(temporary);
    renameSync(temporary, to);
  }
  removeName(from); // still there where it was copied, or where both names were links to one file
}
