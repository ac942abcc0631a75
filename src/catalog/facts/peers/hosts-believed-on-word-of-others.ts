import { invariant } from '../../../failure.js';
import { type HostId, hostIdPattern } from '../../../replica/host-id.js';
import type { FactCatalog } from '../../interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../interface/paired-host-catalog.js';
import { readersIn } from '../../interface/recipients-and-permissions.js';

// Hosts that were not paired here, and that had signed nothing when others said what they did: that was believed, as
// the word of those who said it. It gives way when such a host is paired, or to the first that is shown to be signed by
// it.

const key = 'unsigned-hosts';

/** Those hosts. No more than are paired or vouched for. */
export function unsignedHosts(catalog: FactCatalog): readonly HostId[] {
  const hosts: unknown = JSON.parse(catalog.note(key) ?? '[]');
  const isHost = (host: unknown): host is HostId => typeof host === 'string' && hostIdPattern.test(host);
  invariant(Array.isArray(hosts) && hosts.every(isHost), `the note ${key} is not a list of hosts`);
  return hosts;
}

/** Adds hosts to them, in the open transaction or one of its own. */
export function addUnsigned(catalog: FactCatalog, hosts: Iterable<HostId>): void {
  const before = unsignedHosts(catalog);
  const after = new Set([...before, ...hosts]);
  if (after.size > before.length) catalog.setNote(key, JSON.stringify([...after]));
}

/** Those of them that are paired by now, and can speak for themselves. */
export function pairedSince(catalog: FactCatalog & PairedHostCatalog): readonly HostId[] {
  const hosts = unsignedHosts(catalog);
  if (hosts.length === 0) return [];
  const known = new Set(readersIn(catalog).map(({ hostId }) => hostId));
  return hosts.filter((host) => known.has(host));
}

/** From now on this host speaks for itself: in the open transaction, or one of its own. */
export function dropUnsigned(catalog: FactCatalog, host: HostId): void {
  const before = unsignedHosts(catalog);
  if (!before.includes(host)) return;
  const after = before.filter((each) => each !== host);
  catalog.setNote(key, after.length === 0 ? null : JSON.stringify(after));
}
