import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import { errnoOf, ifPresent } from '../fs/errno.js';
import { isUnusable, kindOf, lookAt as lookAtName, readUntrusted, shownKind } from '../fs/open-untrusted-file.js';
import { mediumFailure } from './medium-failure.js';

/** All that mrepl ever writes on a stick is below this folder. */
export const folderName = 'mrepl';

/** Bytes of a file that may hold an id, inclusive: several times what one has. */
const markerBytesMax = 4096;

/** Holds the random id of the stick. */
export const markerName = 'medium.id';

/**
 * A directory as a run found it, so that it can be told from what is in its place later: the empty mount point of a
 * stick that was pulled, or another stick. Devices and inodes have numbers that come again; the id is of this stick
 * alone.
 */
export type SeenMedium = {
  readonly directory: string;
  readonly dev: number;
  readonly ino: number;
  /** Null where it has none yet: then the numbers have to do. */
  readonly id: string | null;
};

/** Looks at a directory. Throws `medium-absent`, `medium-lost`, `io`; `usage` for one that lies in a folder of ours. */
export function seeMedium(directory: string): SeenMedium {
  try {
    const seen = lookAt(directory);
    refuseInside(directory);
    return seen;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw absent(directory, 'there is no such directory');
    throw mediumFailure(`reading ${directory}`, error);
  }
}

/** Throws `medium-lost` where something else is in the place of the directory now, or was opened for it. */
export function assertSameMedium(seen: SeenMedium, opened = seen.directory): void {
  const { directory } = seen;
  let now: SeenMedium;
  try {
    now = lookAt(opened);
  } catch (error) {
    throw mediumFailure(`looking at ${directory} again`, error);
  }
  if (now.dev === seen.dev && now.ino === seen.ino && (seen.id === null || now.id === seen.id)) return;
  throw new Failure(
    'medium-lost',
    `using ${directory}: the stick was removed while this went on, and something else is in its place, where nothing was left`,
    { hint: 'Plug it in and run the same command again.' },
  );
}

function lookAt(directory: string): SeenMedium {
  const place = resolve(directory);
  const stats = statSync(place);
  if (!stats.isDirectory()) throw absent(directory, 'it is not a directory');
  return { directory, dev: stats.dev, ino: stats.ino, id: readMarker(join(place, folderName)) };
}

/**
 * Stops who names our own folder, or an account's folder in it, in place of the directory that it lies in: another one
 * would be made inside.
 */
function refuseInside(directory: string): void {
  const above = join(directory, '..');
  for (const [folder, parent] of [
    [directory, above],
    [above, join(above, '..')],
  ] as const) {
    if (basename(resolve(folder)) !== folderName || readMarker(resolve(folder)) === null) continue;
    throw new Failure('usage', `using ${directory}: that is inside the folder that mrepl keeps; nothing was changed`, {
      hint: `Did you mean ${parent}?`,
    });
  }
}

/**
 * The id in our folder on a stick; null where there is none, or one that was cut short by a power cut, or something
 * that cannot be an id and is not read.
 */
export function readMarker(folder: string): string | null {
  try {
    const read = (): Buffer => readUntrusted(join(folder, markerName), { links: 'refuse', bytesMax: markerBytesMax });
    const text = ifPresent(read)?.toString('latin1');
    return (text !== undefined && /^[0-9a-f]{32}$/m.exec(text)?.[0]) || null;
  } catch (error) {
    if (isUnusable(error)) return null;
    throw error;
  }
}

/**
 * A folder of ours on a medium is a directory, or is not there yet: a link could lead into somebody's mail. Throws
 * `cannot-create` for anything else.
 */
export function assertOwnFolder(path: string): void {
  const found = lookAtName(path);
  if (found === null || found.isDirectory()) return;
  const why = found.isSymbolicLink() ? 'which is not followed here' : 'and has to be a directory';
  throw new Failure('cannot-create', `using ${path}: it is ${shownKind(kindOf(found))}, ${why}; nothing was changed`, {
    hint: 'Move it away. A directory that lies elsewhere is named itself, in place of the one above "mrepl".',
  });
}

function absent(directory: string, why: string): Failure {
  return new Failure('medium-absent', `using ${directory}: ${why}; nothing was changed`, {
    hint: 'Is the stick mounted, and the name right?',
  });
}
