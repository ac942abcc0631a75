import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ifPresent } from '../fs/errno.js';
import { type FileKind, kindOf, lookAt, removeName } from '../fs/open-untrusted-file.js';
import { heedSignal } from '../fs/stop-if-aborted.js';
import { holdFolder } from './held-folder.js';
import { mediumFailure } from './medium-failure.js';
import { assertOwnFolder, folderName, readMarker, seeMedium } from './medium-identity.js';

/** How the names of bundles end: plain, and sealed. */
const plainSuffix = '.tar.zst';
const sealedSuffix = `${plainSuffix}.age`;

/** The end of the name of a bundle that is being written. */
export const partSuffix = '.part';

/** Longest part of a file name that comes from a user, in characters. */
const namePartMax = 40;

/** Windows keeps these for devices, in every directory. */
const deviceName = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/** A name as it can stand on any file system: lower-case letters, digits and single dashes. */
export function legalName(name: string): string {
  const legal = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, namePartMax)
    .replace(/^-+|-+$/g, '');
  if (legal === '') return 'x';
  return deviceName.test(legal) ? `x-${legal}` : legal;
}

/**
 * `home-000042.tar.zst.age`, without `.age` for a plain one; `home-000042-2...` where one of both is `taken`, by
 * another host of this name or by this one before it was restored from a backup. A name is taken, too, under which it
 * cannot be begun. `taken` is in lower case.
 */
export function bundleFileName(
  hostName: string,
  number: number,
  { isSealed, taken = new Set() }: { readonly isSealed: boolean; readonly taken?: ReadonlySet<string> },
): string {
  const stem = `${legalName(hostName)}-${String(number).padStart(6, '0')}`;
  for (let copy = 1; ; copy++) {
    const name = `${stem}${copy === 1 ? '' : `-${copy}`}`;
    const all = [plainSuffix, sealedSuffix].flatMap((suffix) => [name + suffix, name + suffix + partSuffix]);
    if (all.some((each) => taken.has(each))) continue;
    return name + (isSealed ? sealedSuffix : plainSuffix);
  }
}

/** Of files that begin with a dot some are companions that other systems leave beside ours: `._home-000001.tar.zst`. */
export function isBundleName(fileName: string): boolean {
  if (fileName.startsWith('.')) return false;
  return fileName.endsWith(plainSuffix) || fileName.endsWith(sealedSuffix);
}

/** `changed`: its times, by which it is seen whether it is still the same. */
export type BundleFile = {
  readonly path: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly changed: { readonly mtimeNs: bigint; readonly ctimeNs: bigint };
};

/** What lies in a directory for one account. */
export type MediumListing = {
  readonly bundles: readonly BundleFile[];
  /** What has the name of a bundle and is no file. */
  readonly unusable: readonly { readonly fileName: string; readonly kind: FileKind }[];
  /**
   * The names that are taken there, whatever has them, in lower case: to some file systems case is nothing. Not those
   * of parts, which go.
   */
  readonly names: ReadonlySet<string>;
  /** Accounts of which something lies there, for hints; folder names. */
  readonly accounts: readonly string[];
  /** The random id of the stick; null where there is none. */
  readonly id: string | null;
};

/** Where the bundles and cards of an account lie in a directory. */
export function accountFolder(directory: string, account: string): string {
  return join(resolve(directory), folderName, legalName(account));
}

/** So many files are looked at before a signal is heeded. */
const heedEvery = 500;

/**
 * Lists the bundles of an account; null where nothing of mrepl is in the directory. Throws `usage`, `medium-absent`,
 * `medium-lost`, `io`, `cannot-create` where a folder of ours is no directory, and the reason of `signal`.
 */
export async function listMedium(
  directory: string,
  account: string,
  signal?: AbortSignal,
): Promise<MediumListing | null> {
  seeMedium(directory);
  try {
    const folder = join(resolve(directory), folderName);
    assertOwnFolder(folder);
    const entries = ifPresent(() => readdirSync(folder, { withFileTypes: true }));
    if (entries === null) return null;
    const accounts = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    const own = accountFolder(directory, account);
    assertOwnFolder(own);
    const present = ifPresent(() => readdirSync(own, { withFileTypes: true })) ?? [];
    const bundles: BundleFile[] = [];
    const unusable: { fileName: string; kind: FileKind }[] = [];
    const bundleNames = present.map(({ name }) => name).filter(isBundleName);
    for (const [index, fileName] of bundleNames.sort().entries()) {
      if (index % heedEvery === heedEvery - 1) await heedSignal(signal);
      const path = join(own, fileName);
      const stats = lookAt(path);
      if (stats === null) continue;
      const { size, mtimeNs, ctimeNs } = stats;
      if (!stats.isFile()) unusable.push({ fileName, kind: kindOf(stats) });
      else bundles.push({ path, fileName, sizeBytes: Number(size), changed: { mtimeNs, ctimeNs } });
    }
    const isInTheWay = (entry: Dirent): boolean => !entry.name.endsWith(partSuffix) || entry.isDirectory();
    const names = new Set(present.filter(isInTheWay).map(({ name }) => name.toLowerCase()));
    return { bundles, unusable, names, accounts, id: readMarker(folder) };
  } catch (error) {
    throw mediumFailure(`reading ${directory}`, error);
  }
}

/** Is the directory on another device than the one above it, as a mounted stick is? Throws `medium-lost`, `io`. */
export function isMountPoint(directory: string): boolean {
  const place = resolve(directory);
  try {
    const own = ifPresent(() => statSync(place));
    const above = ifPresent(() => statSync(dirname(place)));
    return own !== null && above !== null && own.dev !== above.dev;
  } catch (error) {
    throw mediumFailure(`looking at ${directory}`, error);
  }
}

/**
 * Removes bundles that nobody needs any more, and what a run that died left half written. Last of all that is done. A
 * directory of such a name is none of ours, and stays.
 */
export function removeFiles(folder: string, fileNames: readonly string[]): void {
  if (fileNames.length === 0) return;
  try {
    const held = holdFolder(folder);
    try {
      for (const fileName of fileNames) removeName(held.at(basename(fileName)));
      held.sync();
    } finally {
      held.close();
    }
  } catch (error) {
    throw mediumFailure(`removing old bundles from ${folder}`, error);
  }
}

/** The number in the name of a bundle that a host of one of these names has written; null for any other name. */
export function numberInName(fileName: string, hostNames: readonly string[]): number | null {
  const match = /^(.*?)-(\d{6,15})(?:-\d+)?\.tar\.zst(?:\.age)?$/.exec(fileName);
  return hostNames.some((hostName) => match?.[1] === legalName(hostName)) ? Number(match?.[2]) : null;
}

/** Bundles of this host, by its names, that a run which died was writing. Throws `medium-lost`, `io`. */
export function partsOf(folder: string, hostNames: readonly string[]): string[] {
  const isOurs = (name: string): boolean =>
    name.endsWith(partSuffix) && numberInName(name.slice(0, -partSuffix.length), hostNames) !== null;
  try {
    return (ifPresent(() => readdirSync(folder)) ?? []).filter(isOurs);
  } catch (error) {
    throw mediumFailure(`reading ${folder}`, error);
  }
}
