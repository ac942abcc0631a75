import type { Catalog, PairedHost, Peer } from './catalog.js';

/** Those who are to get this host's news: paired and not revoked, by name; each with what is known of it, if that is nothing yet. */
export function recipientsOf(catalog: Catalog): Peer[] {
  const peers = new Map(catalog.peers().map((peer) => [peer.hostId, peer]));
  return catalog
    .pairedHosts()
    .filter(({ isRevoked }) => !isRevoked)
    .map((host) => ({ ...(peers.get(host.hostId) ?? neverHeard(host)), hostName: host.name }));
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
    wanted: new Set(),
    unheard: new Set(),
    isDirect: true,
  };
}
