import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { Shares } from '../../../replica/vouched-hosts.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import { isHostId, readEntries, writeJson } from '../json-fact.js';

// What is counted of each peer, as so much of it is taken from one and no more. One row of each kind for each peer that
// was ever paired; only what a peer that may read demands begins anew, with each period.

const mailboxesKey = 'mailboxes-brought';

/** Of each peer, its own and those of hosts behind it. */
export function mailboxSharesIn(catalog: FactCatalog): Shares {
  return new Map(
    readEntries(catalog, mailboxesKey).map(([host, bytes]): [HostId, number[]] => {
      invariant(isHostId(host) && Array.isArray(bytes), `the note ${mailboxesKey} names no hosts`);
      return [host, bytes.map(Number)];
    }),
  );
}

/** In the place of what was noted; commits, or adds to the open transaction. */
export function putMailboxShares(catalog: FactCatalog, shares: Shares): void {
  if (shares.size > 0) writeJson(catalog, mailboxesKey, Object.fromEntries(shares));
}

const spellingsKey = 'spellings-brought';

/** By peer. */
export function spellingsBroughtIn(catalog: FactCatalog): ReadonlyMap<HostId, number> {
  return new Map(
    readEntries(catalog, spellingsKey).map(([host, count]) => {
      invariant(typeof count === 'number', `the note ${spellingsKey} has no number`);
      return [host, count];
    }),
  );
}

/** In the place of what was noted, in the open transaction. */
export function putSpellingsBrought(catalog: FactCatalog, counts: ReadonlyMap<HostId, number>): void {
  if (counts.size > 0) writeJson(catalog, spellingsKey, Object.fromEntries(counts));
}

const demandsKey = 'demands';

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
  writeJson(catalog, demandsKey, Object.fromEntries(cells));
}

function all(catalog: FactCatalog): ReadonlyMap<HostId, Demands> {
  return new Map(
    readEntries(catalog, demandsKey).map(([host, row]): [HostId, Demands] => {
      const [sinceS, lesses, texts]: unknown[] = Array.isArray(row) ? row : [];
      invariant(isHostId(host), `the note ${demandsKey} names no hosts`);
      invariant(
        typeof sinceS === 'number' && typeof lesses === 'number' && typeof texts === 'number',
        `the note ${demandsKey} has no numbers`,
      );
      return [host, { sinceS, lesses, texts }];
    }),
  );
}
