import { readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ifPresent } from '../fs/errno.js';
import { realPath } from '../fs/real-path.js';

/**
 * Why a directory is hardly meant to be carried between hosts. root: it is the root of all files; home: it is the
 * user's home directory; mounts: others are mounted below it, or it is there for that.
 */
export type UnlikelyPlace = 'root' | 'home' | 'mounts';

/** Of the user who runs this. */
export type UserPlaces = { readonly home: string; readonly userName: string };

/** Directories that systems keep for sticks to be mounted in. */
const mountParents: readonly string[] = ['/media', '/mnt', '/run/media', '/Volumes'];

/** Those in which each user has a directory for that. */
const mountParentsOfUsers: readonly string[] = ['/media', '/run/media'];

/**
 * Where Linux says what is mounted; proc(5). Elsewhere there is no such file, and only the names of directories tell.
 */
const mountTable = '/proc/self/mountinfo';

/**
 * Is the directory one that nobody carries between hosts? Null where it may be. `mounted` are the mount points; left
 * out, those of this machine. Throws what reading them throws, but for their absence.
 */
export function unlikelyPlace(
  directory: string,
  { home, userName }: UserPlaces,
  mounted: readonly string[] = mountPoints(),
): UnlikelyPlace | null {
  const place = realPath(directory);
  if (place === sep) return 'root';
  if (place === realPath(home)) return 'home';
  if (mounted.some((path) => isBelow(path, place))) return 'mounts';
  if (mounted.includes(place)) return null;
  const ofUser = userName === '' ? [] : mountParentsOfUsers.map((parent) => join(parent, userName));
  return [...mountParents, ...ofUser].includes(place) ? 'mounts' : null;
}

/** Does `path` lie below `directory`? Both absolute and without links; a directory does not lie below itself. */
export function isBelow(path: string, directory: string): boolean {
  return path !== directory && path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function mountPoints(): readonly string[] {
  return mountPointsIn(ifPresent(() => readFileSync(mountTable, 'latin1')) ?? '');
}

/** The mount points in a table as proc(5) has it: the fifth word of each line, with blanks and the like as `\040`. */
export function mountPointsIn(table: string): readonly string[] {
  return table.split('\n').flatMap((line) => {
    const path = line.split(' ')[4];
    if (path === undefined) return [];
    const bytes = path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return [Buffer.from(bytes, 'latin1').toString('utf8')];
  });
}
