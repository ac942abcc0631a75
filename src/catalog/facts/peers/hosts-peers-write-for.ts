import { invariant } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../interface/paired-host-catalog.js';
import { readersIn } from '../../interface/recipients-and-permissions.js';
import { readEntries, writeJson } from '../json-fact.js';

// For whom each peer wrote its last bundle: who was revoked here and not there still gets all mail by way of that
// peer, and what it says comes here as that peer's
// word.

const key = 'readers';

/** As many rows as peers, each of as many hosts as are paired here. */
function readersBy(catalog: FactCatalog): ReadonlyMap<HostId, readonly HostId[]> {
  return new Map(
    readEntries(catalog, key).map(([host, readers]) => {
      invariant(Array.isArray(readers), `the note ${key} is not what was written`);
      return [host, readers.map(String)];
    }),
  );
}

/** Remembers it, in the open transaction, as far as these readers are paired here, too. */
export function noteReaders(
  catalog: FactCatalog & PairedHostCatalog,
  senders: readonly { readonly from: { readonly hostId: HostId }; readonly to: readonly HostId[] }[],
): void {
  const readers = new Map(readersBy(catalog));
  const paired = new Set(catalog.pairedHosts().map(({ hostId }) => hostId));
  for (const { from, to } of senders) {
    readers.set(
      from.hostId,
      to.filter((host) => paired.has(host)),
    );
  }
  if (readers.size > 0) writeJson(catalog, key, Object.fromEntries(readers));
}

/**
 * The peers of which nothing shows that they have revoked this host, too, by name: each wrote its last bundle also
 * for it.
 */
export function stillWritingFor(catalog: FactCatalog & PairedHostCatalog, host: HostId): readonly string[] {
  const readers = readersBy(catalog);
  return readersIn(catalog).flatMap(({ hostId, name }) =>
    hostId !== host && readers.get(hostId)?.includes(host) === true ? [name] : [],
  );
}
