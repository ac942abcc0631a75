import type { Catalog } from '../catalog/catalog.js';
import { normaliseRanges } from '../replica/ranges.js';
import type { Arrival } from './arrivals.js';

/**
 * Remembers what the bundles said of their senders. A bundle that was used only for some mailboxes is not marked as taken: what was
 * left of it may be wanted later.
 */
export function rememberSenders(
  catalog: Catalog,
  arrivals: readonly Arrival[],
  { nowS, complete }: { readonly nowS: number; readonly complete: boolean },
): void {
  const peers = new Map(catalog.peers().map((peer) => [peer.hostId, peer]));
  for (const arrival of arrivals) {
    if (arrival.preamble === null) continue;
    const { from, number, heard, clocks, wanted } = arrival.preamble;
    const before = peers.get(from.hostId);
    const whole = complete && !arrival.isMissed();
    const taken = normaliseRanges([...(before?.taken ?? []), ...(whole ? [[number, number] as const] : [])]);
    if (whole && arrival.seal !== null) catalog.markTaken(arrival.seal, nowS);
    const isNews = before === undefined || number > before.lastNumber;
    const peer = isNews
      ? {
          hostId: from.hostId,
          hostName: from.name,
          lastNumber: number,
          lastHeardS: nowS,
          taken,
          heard: heard.get(catalog.identity.hostId) ?? [],
          clocks,
          wanted: new Set(wanted),
        }
      : { ...before, taken };
    peers.set(from.hostId, peer);
    catalog.putPeer(peer);
  }
}
