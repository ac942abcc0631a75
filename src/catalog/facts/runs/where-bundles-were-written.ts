import type { ExportCatalog } from '../../interface/export-catalog.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readEntries, writeJson } from '../json-fact.js';

const key = 'written-to';

/** A directory that a bundle of this host was written to. */
export type BundlePlace = {
  /** Absolute. */
  readonly directory: string;
  /** The random id of the stick that was there. */
  readonly medium: string;
};

/**
 * Remembers where a bundle was written, in the open transaction or one of its own. It is forgotten with the bundle, and
 * for people only: a bundle may be carried further, and a stick be wiped.
 */
export function rememberPlace(catalog: FactCatalog & ExportCatalog, number: number, place: BundlePlace): void {
  const numbers = new Set(catalog.exportNumbers().map(String));
  const kept = readEntries(catalog, key).filter(([other]) => numbers.has(other));
  writeJson(catalog, key, { ...Object.fromEntries(kept), [number]: place });
}

/** Where bundles were written, by their numbers; those that went through a pipe are not among them. */
export function placesOfBundles(catalog: FactCatalog): ReadonlyMap<number, BundlePlace> {
  return new Map(
    readEntries(catalog, key).flatMap(([number, value]) => {
      const { directory, medium } = Object(value) as Readonly<Record<string, unknown>>;
      if (typeof directory !== 'string' || typeof medium !== 'string') return [];
      return [[Number(number), { directory, medium }] as const];
    }),
  );
}
