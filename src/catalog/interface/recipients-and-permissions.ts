import type { HostId } from '../../replica/host-id.js';
import type { Right } from '../../replica/peer-permission.js';
import type { PairedHost, PairedHostCatalog } from './paired-host-catalog.js';
import type { Peer, PeerCatalog } from './peer-catalog.js';

/** Those who are to get this host's news, by name; each with what is known of it, if that is nothing yet. */
export function recipientsOf(catalog: PeerCatalog & PairedHostCatalog): Peer[] {
  const peers = new Map(catalog.peers().map((peer) => [peer.hostId, peer]));
  return readersIn(catalog).map((host) => ({ ...(peers.get(host.hostId) ?? neverHeard(host)), hostName: host.name }));
}

/** The paired hosts that read what is written here. */
export function readersIn(catalog: PairedHostCatalog): PairedHost[] {
  return catalog.pairedHosts().filter(({ isRevoked, isRetired }) => !isRevoked && !isRetired);
}

/** What each host's bundles may change here; those of a host that is not paired nothing. */
export function rightsIn(catalog: PairedHostCatalog): (host: HostId) => Right {
  const rights = new Map(catalog.pairedHosts().map(({ hostId, right }) => [hostId, right]));
  return (host) => rights.get(host) ?? 'read';
}

function neverHeard({ hostId, name }: PairedHost): Peer {
  return {
    hostId,
    hostName: name,
    lastNumber: 0,
    lastHeardS: null,
    taken: [],
    heard: [],
    clocks: new Map(),
    heardOfUs: new Map(),
    told: new Map(),
    wanted: new Set(),
    unheard: new Set(),
    statements: new Map(),
    isDirect: true,
  };
}
