import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import type { HostId } from '../../replica/host-id.js';
import { namelessHost, namesOf } from '../../replica/host-name.js';

/** What hosts are called here. */
export function namesIn(catalog: IdentityCatalog & PeerCatalog & PairedHostCatalog): (host: HostId) => string {
  const { identity } = catalog;
  const heard = catalog.peers().map(({ hostId, hostName }) => [hostId, hostName] as const);
  const paired = catalog.pairedHosts().map(({ hostId, name }) => [hostId, name] as const);
  const names = namesOf([...paired, [identity.hostId, identity.hostName] as const], heard);
  return (host) => (host === identity.hostId ? 'this host' : (names.get(host) ?? namelessHost(host)));
}
