import type { FactCatalog } from '../interface/fact-catalog.js';

// What the step from version 0.1 of the catalog left behind, of what that version knew nothing.

const digestsKey = 'second-digests';
const timesKey = 'files-since';

/** Is all mail to be read once, as its texts have no second digests yet? */
export function areSecondDigestsUnknown(catalog: FactCatalog): boolean {
  return catalog.note(digestsKey) !== null;
}

/** All mail was read, and its second digests are known: in the open transaction, or one of its own. */
export function noteSecondDigestsKnown(catalog: FactCatalog): void {
  catalog.setNote(digestsKey, null);
}

/**
 * Since when it is noted what files were like when they were read, in seconds since 1970: older files without such a
 * note were read by version 0.1. Infinite where there never was one.
 */
export function fileTimesNotedSinceS(catalog: FactCatalog): number {
  return Number(catalog.note(timesKey) ?? Number.POSITIVE_INFINITY);
}
