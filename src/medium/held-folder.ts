import { type BigIntStats, closeSync, constants, fstatSync, fsyncSync, openSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import { lookAt } from '../fs/open-untrusted-file.js';
import { assertOwnFolder, folderName } from './medium-identity.js';

/**
 * A folder on a medium that is held open while something is made, renamed or removed in it. Whoever can write
 * there may exchange it at any moment for a link into somebody's mail: what is done by `at` is done in the folder
 * that was opened, whatever has its name by then.
 */
export type HeldFolder = {
  /** As the user knows it. */
  readonly path: string;
  /**
   * A path to a name in it, for one system call: by its descriptor, where the system has a path to that
   * (Linux, with /proc). Elsewhere it is the plain path, and `medium-lost` is thrown where the folder is not the
   * one that was opened.
   */
  at(name: string): string;
  /** Makes durable which names are in it. */
  sync(): void;
  /** The descriptor is given back, whatever came of it. */
  close(): void;
};

/** A directory that the user named: links are followed. System errors are thrown as they come. */
export function holdDirectory(path: string): HeldFolder {
  return held(path, openDirectory(path, 0));
}

/**
 * The folder `mrepl` on a medium, or one of an account in it: neither is followed where it is a link. Throws
 * `cannot-create` where one is no directory, and system errors as they come.
 */
export function holdFolder(path: string): HeldFolder {
  if (basename(dirname(path)) !== folderName) return holdWithin(holdDirectory(dirname(path)), basename(path));
  const place = holdDirectory(dirname(dirname(path)));
  return holdWithin(holdWithin(place, folderName), basename(path));
}

/** `above` is given back. */
function holdWithin(above: HeldFolder, name: string): HeldFolder {
  try {
    const path = join(above.path, name);
    try {
      return held(path, openDirectory(above.at(name), constants.O_NOFOLLOW));
    } catch (error) {
      assertOwnFolder(path); // says what it is
      throw error;
    }
  } finally {
    above.close();
  }
}

function openDirectory(path: string, moreFlags: number): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK | moreFlags);
}

function held(path: string, fd: number): HeldFolder {
  const byDescriptor = `/proc/self/fd/${fd}`;
  const own = fstatSync(fd, { bigint: true });
  const hasDescriptorPath = isSame(
    own,
    ifPresent(() => statSync(byDescriptor, { bigint: true })),
  );
  return {
    path,
    at(name) {
      if (hasDescriptorPath) return join(byDescriptor, name);
      if (
        !isSame(own, lookAt(path)) &&
        !isSame(
          own,
          ifPresent(() => statSync(path, { bigint: true })),
        )
      )
        throw exchanged(path);
      return join(path, name);
    },
    sync: () => fsyncSync(fd),
    close: () => closeSync(fd),
  };
}

function isSame(one: BigIntStats, other: BigIntStats | null): boolean {
  return other !== null && one.dev === other.dev && one.ino === other.ino;
}

function exchanged(path: string): Failure {
  return new Failure('medium-lost', `using ${path}: something else has its name by now, where nothing was left`, {
    hint: 'Does anybody else write there? Run the same command again.',
  });
}
