import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { privateCustody, syncPath } from '../../fs/durable-write.js';
import { ifPresent } from '../../fs/errno.js';

/** A directory in which mrepl alone keeps files. Its methods throw errors of the system. */
export type OwnDirectory = {
  /** Where files are put. */
  readonly directory: string;
  /** Makes it, durably, where it is not there. */
  make(): void;
  /** The files there. */
  names(): readonly string[];
  /** Where a file lies, or would. */
  pathOf(name: string): string;
  /** Removes files, as far as they are there. */
  remove(names: readonly string[]): void;
  /** Moves to it what an earlier version has kept elsewhere, if anything is left there. */
  moveIn(): void;
};

/** A directory among what is this host's own, for stores that have no file system: open to nobody else. */
export function ownDirectory(directory: string): OwnDirectory {
  const pathOf = (name: string): string => join(directory, name);
  return {
    directory,
    make() {
      if (mkdirSync(directory, { recursive: true, mode: privateCustody.dirMode }) !== undefined) {
        syncPath(dirname(directory));
      }
    },
    names: () => ifPresent(() => readdirSync(directory)) ?? [],
    pathOf,
    remove(names) {
      for (const name of names) rmSync(pathOf(name), { recursive: true, force: true });
    },
    moveIn() {},
  };
}
