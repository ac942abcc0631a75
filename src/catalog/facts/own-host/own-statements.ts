import { invariant } from '../../../failure.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { readList, writeJson } from '../json-fact.js';

const key = 'stated';

/** A statement of this host by the number of its bundle and its digest, hex digits. */
export type OwnStatement = { readonly number: number; readonly digest: string };

/** The last statements of this host, by ascending numbers. */
export function statedBefore(catalog: FactCatalog): readonly OwnStatement[] {
  return readList(catalog, key).map((row) => {
    const [number, digest]: unknown[] = Array.isArray(row) ? row : [];
    invariant(typeof number === 'number' && typeof digest === 'string', `the note ${key} names no statement`);
    return { number, digest };
  });
}

/** Lays them down in place of those before, in the open transaction; whoever calls bounds them. */
export function putStated(catalog: FactCatalog, stated: readonly OwnStatement[]): void {
  writeJson(catalog, key, stated.length === 0 ? null : stated.map(({ number, digest }) => [number, digest]));
}
