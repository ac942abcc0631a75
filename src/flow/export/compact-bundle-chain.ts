import type { Exported } from '../../catalog/interface/export-catalog.js';

/**
 * From so many bundles of ours in one directory on, inclusive, those that can be are written anew as one. Where some
 * peer never says what it has, as it never meets this host nor anybody that does, none of them is ever known to be
 * taken in by everybody.
 */
export const foldedBundlesMin = 16;

/**
 * So many times the bytes of what is written anew have to be there, with all limits counted: a series that was long
 * because there was little room would begin again for ever.
 */
const roomForFolding = 4;

/**
 * The bundles that the next one is to be built upon: all of `chain`, or as many of its oldest as are each larger than
 * all that follow, which are few. What comes after these is told again, in one. A bundle is written again only with at
 * least as much beside it, so that the work stays in proportion to what there is to tell.
 */
export function lastingPart(chain: readonly Exported[], bytesMax = Number.POSITIVE_INFINITY): readonly Exported[] {
  if (chain.length < foldedBundlesMin) return chain;
  let afterBytes = 0;
  let lasting = chain.length;
  for (let at = chain.length - 1; at >= 0; at--) {
    const sizeBytes = chain[at]?.sizeBytes ?? 0;
    if (sizeBytes <= afterBytes) lasting = at;
    afterBytes += sizeBytes;
  }
  const foldedBytes = chain.slice(lasting).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return foldedBytes * roomForFolding > bytesMax ? chain : chain.slice(0, lasting);
}
