import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { readEntries, writeJson } from './json-fact.js';

// How many spellings of keywords were learnt from each peer. They are never forgotten; one row for each peer that was
// ever paired.

const key = 'spellings-brought';

/** By peer. */
export function spellingsBroughtIn(catalog: FactCatalog): ReadonlyMap<HostId, number> {
  return new Map(
    readEntries(catalog, key).map(([host, count]) => {
      invariant(typeof count === 'number', `the note ${key} has no number`);
      return [host, count];
    }),
  );
}

/** In the place of what was noted, in the open transaction. */
export function putSpellingsBrought(catalog: FactCatalog, counts: ReadonlyMap<HostId, number>): void {
  if (counts.size > 0) writeJson(catalog, key, Object.fromEntries(counts));
}
