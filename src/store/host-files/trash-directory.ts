import { closeSync, existsSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import { type Custody, type InPieces, replaceLargeFile, syncPath } from '../../fs/durable-write.js';
import { errnoOf, ifPresent } from '../../fs/errno.js';
import { copyUntrusted, openUntrusted, removeName } from '../../fs/open-untrusted-file.js';
import { containerOf } from '../../mail/packed/container-kinds.js';
import { unpacked } from '../../mail/packed/unpack.js';
import { isUntaken, type Untaken, untakenText } from '../../mail/packed/unreadable-file-reasons.js';
import { bodySumOf } from '../../mail/text/body-checksum.js';
import { textIdOfCanonical } from '../../mail/text/digest-without-fetcher-headers.js';
import { type Guid, guidPattern } from '../../mail/text/text-guid.js';
import type { Trash } from '../interface/trash.js';
import { withIoFailures } from './io-failure.js';
import type { OwnDirectory } from './own-directory.js';
import { messageRule, openStored, readStored } from './read-stored-file.js';
import type { SpoolDirectory } from './spool-directory.js';

/** A trash of files, named by guids, and what a store that has files itself does with it. */
export type TrashDirectory = Trash & {
  readonly directory: string;
  /**
   * The file at an absolute path becomes the one of this text, in the place of another; durable once `directory` is
   * synced. Throws errors of the system, `ENOENT` where the file is not there; and the reason of a signal that comes
   * while it is copied.
   */
  keepFile(guid: Guid, path: string): Promise<void>;
  /** Where the next file goes that is put aside in the place of a text: the directory is there, and the name free. */
  asidePath(guid: Guid): string;
};

type TrashPlaces = {
  readonly trash: OwnDirectory;
  /** For what is put aside. */
  readonly aside: OwnDirectory;
  readonly spool: SpoolDirectory;
  readonly custody: Custody;
  /** Gets the paths that have to be synced one by one where a whole file system cannot be. */
  readonly written: Set<string>;
  /** Ends the reading and writing of a text. */
  readonly signal?: AbortSignal | undefined;
};

/** The trash whose files lie in `trash`, and those put aside in `aside`. */
export function createTrashDirectory(places: TrashPlaces): TrashDirectory {
  const { trash, aside, spool, custody, written, signal } = places;
  let isMade = false;
  /** Somebody may have removed it: a rename to where no directory is would look as if the message had gone. */
  const makeAgain = (): string => {
    const { directory } = trash;
    if (!isMade || !existsSync(directory)) trash.make();
    isMade = true;
    return directory;
  };
  return {
    get directory() {
      return trash.directory;
    },
    async keepFile(guid, path) {
      const directory = makeAgain();
      await moveFile(path, join(directory, guid), { custody, signal });
      written.add(directory);
    },
    asidePath(guid) {
      aside.make();
      const path = join(aside.directory, guid);
      let free = path;
      for (let copy = 2; existsSync(free); copy++) free = `${path}.${copy}`;
      return free;
    },
    keep: (guid, stored) =>
      withIoFailures(`keeping a text in ${trash.directory}`, () =>
        replaceLargeFile(join(makeAgain(), guid), stored, { custody, signal }),
      ),
    guids: () =>
      withIoFailures(
        `reading ${trash.directory}`,
        () => new Set(trash.names().filter((name) => guidPattern.test(name))),
      ),
    beginning: (guid, bytesMax) =>
      withIoFailures(`reading ${trash.directory}`, () => beginningOf(trash.pathOf(guid), { bytesMax, signal })),
    copyToSpool: (guid) =>
      withIoFailures(`bringing back ${trash.pathOf(guid)}`, async () => {
        const text = await spool.putFile(guid, trash.pathOf(guid));
        if (text === null || isUntaken(text)) throw unrestorable(trash.pathOf(guid), text);
        return { ...textIdOfCanonical(text), sizeBytes: text.length, body: bodySumOf(text) };
      }),
    drop: (keep) =>
      withIoFailures(`clearing ${trash.directory}`, () => {
        trash.moveIn();
        const going = trash.names().filter((name) => !keep.has(name));
        if (going.length > 0) isMade = false;
        trash.remove(going);
      }),
    setAside: () => withIoFailures(`reading ${aside.directory}`, () => new Set(aside.names())),
    dropSetAside: (names) =>
      withIoFailures(`clearing ${aside.directory}`, () => {
        aside.moveIn();
        aside.remove(aside.names().filter((name) => names.has(name)));
      }),
  };
}

async function beginningOf(
  path: string,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array | null> {
  const fd = ifPresent(() => openUntrusted(path, messageRule).fd);
  if (fd === null) return null;
  let bytes = Buffer.allocUnsafe(bytesMax);
  try {
    bytes = bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
  if (containerOf(bytes) === null) return bytes;
  const opened = ifPresent(() => openStored(path));
  const plain = opened && (await unpacked(await readStored(opened, signal)));
  return plain === null || isUntaken(plain) ? null : plain.subarray(0, bytesMax);
}

/** Renames a file; copies it, durably, before it goes where it lies on another file system. */
async function moveFile(from: string, to: string, how: InPieces): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    const temporary = `${to}.part`;
    removeName(temporary);
    await copyUntrusted(from, temporary, { ...messageRule, ...how });
    syncPath(temporary);
    renameSync(temporary, to);
  }
  removeName(from); // still there where it was copied, or where both names were links to one file
}

function unrestorable(path: string, untaken: Untaken | null): Failure {
  const what = untaken === null ? 'damaged, or not there any more' : `${untakenText(untaken)}, and cannot be read`;
  return new Failure('store-damaged', `bringing back ${path}: it is ${what}`, {
    hint: 'Its text cannot be restored from here; another host may still have it in its own trash.',
  });
}
