import { invariant } from '../../failure.js';
import { type HostId, hostIdPattern } from '../../replica/host-id.js';
import type { FactCatalog } from '../interface/fact-catalog.js';

/** What is noted under a key, still to be parsed; null where nothing is. Throws where it is not JSON. */
export function readJson(catalog: FactCatalog, key: string): unknown {
  const note = catalog.note(key);
  return note === null ? null : JSON.parse(note);
}

/** Likewise a list, whose entries are still to be parsed; empty where nothing is noted. */
export function readList(catalog: FactCatalog, key: string): readonly unknown[] {
  const list = readJson(catalog, key) ?? [];
  invariant(Array.isArray(list), `the note ${key} is not a list`);
  return list;
}

/** Likewise an object, as its entries; none where nothing is noted. */
export function readEntries(catalog: FactCatalog, key: string): readonly (readonly [string, unknown])[] {
  const object = readJson(catalog, key) ?? {};
  invariant(typeof object === 'object' && !Array.isArray(object), `the note ${key} is not what was written`);
  return Object.entries(object as object);
}

/**
 * Notes a value under a key, in the open transaction or one of its own; null forgets what is there. Nothing is written
 * where that stands there already.
 */
export function writeJson(catalog: FactCatalog, key: string, value: object | null): void {
  const note = value === null ? null : JSON.stringify(value);
  if (note !== catalog.note(key)) catalog.setNote(key, note);
}

/** Is this a host id? What a fact names may have come from outside, once. */
export function isHostId(value: unknown): value is HostId {
  return typeof value === 'string' && hostIdPattern.test(value);
}
