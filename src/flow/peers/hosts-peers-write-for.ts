import type { Preamble } from '../../bundle/format/bundle-contents.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import { readersIn } from '../../catalog/interface/recipients-and-permissions.js';
import { invariant } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';

// For whom each peer wrote its last bundle: who was revoked here and not there still gets all mail by way of that
// peer, and what it says comes here as that peer's
// word.

const key = 'readers';

type Readers = Readonly<Record<HostId, readonly HostId[]>>;

function readersBy(catalog: Catalog): Readers {
  const readers: unknown = JSON.parse(catalog.note(key) ?? '{}');
  invariant(typeof readers === 'object' && readers !== null, `the note ${key} is not what was written`);
  return readers as Readers;
}

/** Remembers it, in the open transaction, as far as these readers are paired here, too. */
export function noteReaders(catalog: Catalog, senders: readonly Pick<Preamble, 'from' | 'to'>[]): void {
  const before = readersBy(catalog);
  const paired = new Set(catalog.pairedHosts().map(({ hostId }) => hostId));
  const now = Object.fromEntries(senders.map(({ from, to }) => [from.hostId, to.filter((host) => paired.has(host))]));
  const after = JSON.stringify({ ...before, ...now });
  if (after !== JSON.stringify(before)) catalog.setNote(key, after);
}

/**
 * The peers of which nothing shows that they have revoked this host, too, by name: each wrote its last bundle also
 * for it.
 */
export function stillWritingFor(catalog: Catalog, host: HostId): readonly string[] {
  const readers = readersBy(catalog);
  return readersIn(catalog).flatMap(({ hostId, name }) =>
    hostId !== host && readers[hostId]?.includes(host) === true ? [name] : [],
  );
}
