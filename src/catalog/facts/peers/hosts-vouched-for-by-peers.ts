import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { Strangers, Vouch } from '../../../replica/vouched-hosts.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readList, writeJson } from '../json-fact.js';

// Hosts with which this one is not paired, on whose word each was taken up, and how far away it is. As many as are let
// in (`vouchedMax`).

const key = 'strangers';

/** By host. */
export function strangersIn(catalog: FactCatalog): Map<HostId, Vouch> {
  return new Map(
    readList(catalog, key).map((row) => {
      const [host, by, steps]: unknown[] = Array.isArray(row) ? row : [];
      invariant(isHostId(host) && isHostId(by) && typeof steps === 'number', `the note ${key} names no hosts`);
      return [host, { by, steps }] as const;
    }),
  );
}

/** In the place of all that were noted before; commits, or adds to the open transaction. */
export function putStrangers(catalog: FactCatalog, strangers: Strangers): void {
  const rows = [...strangers].map(([host, { by, steps }]) => [host, by, steps]);
  writeJson(catalog, key, rows.length === 0 ? null : rows);
}

/** For a host that begins again, and knows nobody but those it is paired with. */
export function forgetStrangers(catalog: FactCatalog): void {
  writeJson(catalog, key, null);
}
