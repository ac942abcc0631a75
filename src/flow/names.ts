import type { Catalog } from '../catalog/catalog.js';
import type { HostId } from '../replica/host-id.js';

/** What hosts are called here. */
export function namesIn(catalog: Catalog): (host: HostId) => string {
  const { identity } = catalog;
  const heard = catalog.peers().map(({ hostId, hostName }) => [hostId, hostName] as const);
  const paired = catalog.pairedHosts().map(({ hostId, name }) => [hostId, name] as const);
  const names = new Map([...heard, ...paired, [identity.hostId, 'this host'] as const]);
  return (host) => names.get(host) ?? `host ${host.slice(0, 8)}`;
}
