import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { isHostId, readEntries, writeJson } from './json-fact.js';

// How much a peer that may only read has had said and sent anew. One row for each such peer; it begins anew with each
// period.

const key = 'demands';

/** Since when (seconds since 1970), how often it said that it has less than before, and how many texts it asked for. */
export type Demands = { readonly sinceS: number; readonly lesses: number; readonly texts: number };

/** Of one peer; null where none were noted. */
export function demandsOf(catalog: FactCatalog, host: HostId): Demands | null {
  return all(catalog).get(host) ?? null;
}

/** Remembers them in the open transaction. */
export function putDemands(catalog: FactCatalog, host: HostId, demands: Demands): void {
  const rows = new Map(all(catalog)).set(host, demands);
  const cells = [...rows].map(([each, { sinceS, lesses, texts }]) => [each, [sinceS, lesses, texts]]);
  writeJson(catalog, key, Object.fromEntries(cells));
}

function all(catalog: FactCatalog): ReadonlyMap<HostId, Demands> {
  return new Map(
    readEntries(catalog, key).map(([host, row]): [HostId, Demands] => {
      const [sinceS, lesses, texts]: unknown[] = Array.isArray(row) ? row : [];
      invariant(isHostId(host), `the note ${key} names no hosts`);
      invariant(
        typeof sinceS === 'number' && typeof lesses === 'number' && typeof texts === 'number',
        `the note ${key} has no numbers`,
      );
      return [host, { sinceS, lesses, texts }];
    }),
  );
}
