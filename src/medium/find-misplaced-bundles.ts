import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beginsLikeBundle } from '../bundle/read/does-file-begin-like-bundle.js';
import { ifPresent } from '../fs/errno.js';
import { lookAt } from '../fs/open-untrusted-file.js';
import { mediumFailure } from './medium-failure.js';
import { folderName } from './medium-identity.js';
import { type BundleFile, isBundleName, partSuffix } from './name-and-list-bundle-files.js';

/** A file that may be a bundle, though it does not lie where bundles do under the name of one. */
export type Stray = BundleFile & {
  /** Does at least its name, or where it lies, say that it is a bundle? Then it is named where it cannot be used. */
  readonly isLikely: boolean;
};

/** Files of one folder whose beginnings are looked at, inclusive: a stick may hold anything. */
const looksMax = 1000;

/**
 * Beside all kinds of files: how a name goes that browsers, mail programs, Syncthing and file managers have made of a
 * bundle's.
 */
const likeBundle = /\.(?:zst|age)(?![a-z0-9])|-\d{6,15}(?!\d)/i;

/** `home-000042.tar.zst (1).age`, `HOME-000042.TAR.ZST.AGE`, `home-000042.tar.zst.age.txt`. */
const likelyBundle = /-0\d{5}(?!\d).*\.tar\b.*zst/i;

/**
 * Bundles that were renamed, or put beside the folders that they belong into, by their beginnings: in the folder of an
 * account, `own`, in the one above it, and in the directory itself. Throws `medium-lost`, `io`.
 */
export function straysIn(directory: string, own: string): Stray[] {
  const place = resolve(directory);
  try {
    return [
      ...candidates(own, (name) => !isBundleName(name)).map((file) => ({ ...file, isLikely: true })),
      ...[join(place, folderName), place].flatMap((folder) =>
        candidates(folder, (name) => likeBundle.test(name)).map((file) => {
          return { ...file, isLikely: likelyBundle.test(file.fileName) };
        }),
      ),
    ];
  } catch (error) {
    throw mediumFailure(`reading ${directory}`, error);
  }
}

function candidates(folder: string, isLike: (name: string) => boolean): BundleFile[] {
  const names = (ifPresent(() => readdirSync(folder)) ?? []).filter((name) => {
    return !name.startsWith('.') && !name.endsWith(partSuffix) && isLike(name);
  });
  return names
    .sort()
    .slice(0, looksMax)
    .flatMap((fileName) => {
      const path = join(folder, fileName);
      const stats = lookAt(path);
      if (stats === null || !stats.isFile() || !beginsLikeBundle(path)) return [];
      const { size, mtimeNs, ctimeNs } = stats;
      return [{ path, fileName, sizeBytes: Number(size), changed: { mtimeNs, ctimeNs } }];
    });
}
