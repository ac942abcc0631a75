import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { Shares } from '../../replica/vouched-hosts.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { isHostId, readEntries, writeJson } from './json-fact.js';

// How many bytes the mailboxes take in a bundle's lists that peers have brought, by who vouches for those who made
// them. A mailbox is never forgotten; one row for each peer that was ever paired, of one number for each step.

const key = 'mailboxes-brought';

/** Of each peer, its own and those of hosts behind it. */
export function mailboxSharesIn(catalog: FactCatalog): Shares {
  return new Map(
    readEntries(catalog, key).map(([host, bytes]): [HostId, number[]] => {
      invariant(isHostId(host) && Array.isArray(bytes), `the note ${key} names no hosts`);
      return [host, bytes.map(Number)];
    }),
  );
}

/** In the place of what was noted; commits, or adds to the open transaction. */
export function putMailboxShares(catalog: FactCatalog, shares: Shares): void {
  if (shares.size > 0) writeJson(catalog, key, Object.fromEntries(shares));
}
