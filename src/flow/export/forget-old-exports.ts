import type { ExportCatalog, Exported } from '../../catalog/interface/export-catalog.js';

/**
 * So many newer bundles, inclusive, are written before one that is seen nowhere meanwhile is forgotten. Where some peer
 * never says what it has, what was written on sticks that are lost is never known to be taken in by everybody. More
 * than several sticks in turn hold, as each has less than `foldedBundlesMin` small ones.
 */
export const unseenMax = 256;

/** That a bundle is still there is noted only after so many newer ones: it costs a write. */
const seenAnewAfter = unseenMax / 4;

/**
 * Forgets bundles that everybody has, but for the newest, which says what was stated last; and those that were seen
 * nowhere for long. What only these say is said anew, as if it never had been; and should one of them come to light, it
 * is removed like any that nobody needs. `chain`: those that lie before us.
 */
export function forgetExports(
  catalog: ExportCatalog,
  { superseded, chain }: { readonly superseded: readonly Exported[]; readonly chain: readonly Exported[] },
): void {
  const all = catalog.exports();
  const last = catalog.lastNumber();
  const isHere = new Set(chain.map(({ number }) => number));
  const isSuperseded = new Set(superseded.map(({ number }) => number));
  const newest = all.at(-1);
  for (const exported of all) {
    const { number, lastSeen } = exported;
    const unseen = isHere.has(number) ? 0 : last - lastSeen;
    if (exported !== newest && (isSuperseded.has(number) || unseen >= unseenMax)) catalog.dropExport(number);
    else if (isHere.has(number) && last - lastSeen >= seenAnewAfter) catalog.putExport({ ...exported, lastSeen: last });
  }
}
