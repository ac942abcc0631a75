import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { readEntries, writeJson } from './json-fact.js';

const key = 'left-out-hosts';

/**
 * By peer, the most hosts that one bundle of it named and that were left out here. As many rows as peers that were ever
 * paired.
 */
export function leftOutHostsIn(catalog: FactCatalog): ReadonlyMap<HostId, number> {
  return new Map(
    readEntries(catalog, key).map(([host, count]) => {
      invariant(typeof count === 'number', `the note ${key} has no number`);
      return [host, count];
    }),
  );
}

/** Remembers it, in the open transaction. Answers the peers of which it was not known. */
export function addLeftOutHosts(catalog: FactCatalog, counts: ReadonlyMap<HostId, number>): readonly HostId[] {
  const before = leftOutHostsIn(catalog);
  const after = new Map(before);
  for (const [host, count] of counts) after.set(host, Math.max(count, before.get(host) ?? 0));
  const news = [...counts].flatMap(([host, count]) => (count > 0 && (before.get(host) ?? 0) === 0 ? [host] : []));
  if (after.size > 0) writeJson(catalog, key, Object.fromEntries(after));
  return news;
}
