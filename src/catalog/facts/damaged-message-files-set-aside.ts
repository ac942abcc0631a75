import { invariant } from '../../failure.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { readList, writeJson } from './json-fact.js';

const key = 'set-aside';

/**
 * The files that were put aside when their texts came back, by name, and how much time had been seen to pass, in
 * seconds, when each was first found there. As many as lie there.
 */
export function filesSetAside(catalog: FactCatalog): ReadonlyMap<string, number> {
  return new Map(
    readList(catalog, key).map((entry) => {
      const [name, seenS]: unknown[] = Array.isArray(entry) ? entry : [];
      invariant(typeof name === 'string' && Number.isSafeInteger(seenS), `the note ${key} names no file`);
      return [name, seenS as number];
    }),
  );
}

/** Lays them down in place of those before, in the open transaction or one of its own. */
export function putFilesSetAside(catalog: FactCatalog, files: ReadonlyMap<string, number>): void {
  writeJson(catalog, key, files.size === 0 ? null : [...files]);
}
