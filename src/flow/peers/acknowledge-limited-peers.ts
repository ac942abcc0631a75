import { forgetRefusals } from '../../catalog/facts/bundles/refused-bundles.js';
import { oweStatement } from '../../catalog/facts/own-host/own-last-bundle-owing-acknowledgement.js';
import type { ExportCatalog, Exported } from '../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { Peer, PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { rightsIn } from '../../catalog/interface/recipients-and-permissions.js';
import type { Transactional } from '../../catalog/interface/transactional.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { LimitedOutcome } from '../../merge/permission/join-by-permission.js';
import type { HostId } from '../../replica/host-id.js';
import { inRanges, type Ranges } from '../../replica/number-ranges.js';
import type { Right } from '../../replica/peer-permission.js';
import { type Clock, covers, emptyClock, joinClocks, sameClock } from '../../replica/version-vector.js';

// What a limited peer says is heard once, though not all of it is taken: both sides remember it, so that its bundles
// are acknowledged and later ones can build upon them. Under another right it is forgotten here; the next bundle then
// says that nothing was heard, and the peer says all of it anew.

/** Remembers, in the open transaction, what limited peers have said, and that it is to be acknowledged. */
export function rememberTold(
  catalog: PeerCatalog & PairedHostCatalog & MailboxCatalog & ExportCatalog & FactCatalog,
  merged: readonly { readonly mailbox: MailboxName; readonly withheld: LimitedOutcome['withheld'] }[],
): void {
  const peers = new Map(catalog.peers().map((peer) => [peer.hostId, peer]));
  const changed = new Set<HostId>();
  const rightOf = rightsIn(catalog);
  const mailboxes = new Set(catalog.summaries().map(({ state }) => state.name));
  for (const { mailbox, withheld } of merged) {
    for (const { from, told } of withheld) {
      // Of one that may only read nothing is missed, and it could name any number of mailboxes.
      if (rightOf(from) === 'read' && !mailboxes.has(mailbox)) continue;
      const peer = peers.get(from);
      if (peer === undefined || sameClock(peer.told.get(mailbox) ?? emptyClock, told)) continue;
      peers.set(from, { ...peer, told: new Map(peer.told).set(mailbox, told) });
      changed.add(from);
    }
  }
  for (const host of changed) {
    const peer = peers.get(host);
    if (peer !== undefined) catalog.putPeer(peer);
  }
  if (changed.size > 0) oweStatement(catalog);
}

/** Gives a peer another right; what it said so far is to be said anew. */
export function changeRight(
  catalog: PeerCatalog & PairedHostCatalog & ExportCatalog & FactCatalog & Transactional,
  hostId: HostId,
  right: Right,
): void {
  const paired = catalog.pairedHosts().find((host) => host.hostId === hostId);
  if (paired === undefined || paired.right === right) return;
  catalog.transaction(() => {
    catalog.putPairedHost({ ...paired, right });
    const peer = catalog.peers().find((each) => each.hostId === hostId);
    if (peer !== undefined && peer.told.size > 0) {
      catalog.putPeer({ ...peer, taken: [], told: new Map() });
      oweStatement(catalog);
    }
    forgetRefusals(catalog);
  });
}

/**
 * Forgets, in the open transaction, what was heard of all peers: they are to say anew whatever this host does not know.
 */
export function forgetAllTold(catalog: PeerCatalog & ExportCatalog & FactCatalog): void {
  for (const peer of catalog.peers()) catalog.putPeer({ ...peer, taken: [], told: new Map() });
  forgetRefusals(catalog);
  oweStatement(catalog);
}

/** Likewise of one peer. */
export function forgetToldBy(catalog: PeerCatalog & ExportCatalog & FactCatalog, hostId: HostId): void {
  const peer = catalog.peers().find((each) => each.hostId === hostId);
  if (peer === undefined || peer.taken.length === 0) return;
  catalog.putPeer({ ...peer, taken: [], told: new Map() });
  oweStatement(catalog);
}

/**
 * What a peer has taken in of this host's bundles, beyond what it says that it knows: it need not be told again.
 * `before` is what was known of it; a peer that has forgotten a bundle has forgotten them all.
 */
export function heardOfUs(
  before: Peer | undefined,
  said: { readonly heard: Ranges; readonly clocks: Peer['clocks'] },
  exports: readonly Exported[],
): Map<MailboxName, Clock> {
  const isContinued = before?.heard.every(([lo, hi]) => said.heard.some(([from, to]) => from <= lo && hi <= to));
  const all = new Map(isContinued === true ? before?.heardOfUs : []);
  const saidOf = (mailbox: MailboxName): Clock => said.clocks.get(mailbox) ?? emptyClock;
  for (const { number, base, carried } of exports) {
    if (!inRanges(said.heard, number)) continue;
    for (const [mailbox, clock] of carried) {
      const start = base.get(mailbox);
      const known = joinClocks(saidOf(mailbox), all.get(mailbox) ?? emptyClock);
      if (start !== undefined && covers(known, start)) all.set(mailbox, joinClocks(known, clock));
    }
  }
  for (const [mailbox, clock] of all) if (covers(saidOf(mailbox), clock)) all.delete(mailbox);
  return all;
}

/** What a peer knows of a mailbox by its own word, or has heard of us. */
export function knownBy({ clocks, heardOfUs: heard }: Peer, mailbox: MailboxName): Clock {
  const said = clocks.get(mailbox) ?? emptyClock;
  const more = heard.get(mailbox);
  return more === undefined ? said : joinClocks(said, more);
}
