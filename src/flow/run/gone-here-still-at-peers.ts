import type { Departed, GoneMessageCatalog } from '../../catalog/interface/gone-message-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import { birthKey, birthOf } from '../../replica/message-birth.js';
import { messagesGone } from '../../replica/messages-read-on-demand.js';
import { type Clock, coversBirth, emptyClock, tickOf } from '../../replica/version-vector.js';

/**
 * The instances that `self` saw go between two states: peers may still hold their texts, which then need no second
 * journey.
 */
export function departuresBetween(before: MailboxState, after: MailboxState, self: HostId): Departed[] {
  const { modseq } = tickOf(after.clock, self);
  const rows: Departed[] = [];
  for (const instance of messagesGone(before.instances, after.instances)) {
    const birth = birthKey(instance.birth);
    rows.push({ mailbox: before.name, birth, ...textIdOf(instance), modseq, told: false });
  }
  return rows;
}

/**
 * Messages whose place others have taken: peers may still have them, and give them up when they hear of those others.
 */
export function replacedIn({ name, clock }: MailboxState, decisions: readonly Decision[], self: HostId): Departed[] {
  const { modseq } = tickOf(clock, self);
  return decisions.flatMap((decision) =>
    decision.kind === 'unified'
      ? [{ mailbox: name, birth: birthKey(decision.dropped), ...textIdOf(decision), modseq, told: false }]
      : [],
  );
}

/** Does a receiver with this clock still hold the departed message, as far as is known? */
export function stillHeld(row: Departed, receiver: Clock, self: HostId): boolean {
  return !row.told && coversBirth(receiver, birthOf(row.birth)) && tickOf(receiver, self).modseq < row.modseq;
}

/** Forgets departures that every peer has heard of. */
export function forgetHeardDepartures(
  catalog: IdentityCatalog & PeerCatalog & PairedHostCatalog & GoneMessageCatalog,
): void {
  const self = catalog.identity.hostId;
  const peers = recipientsOf(catalog);
  const found = new Map<MailboxName, number>();
  const heard = (mailbox: MailboxName): number => {
    const before = found.get(mailbox);
    if (before !== undefined) return before;
    const least = peers.reduce(
      (all, peer) => Math.min(all, tickOf(peer.clocks.get(mailbox) ?? emptyClock, self).modseq),
      Number.POSITIVE_INFINITY,
    );
    found.set(mailbox, least);
    return least;
  };
  catalog.dropDeparted(catalog.departed().filter((row) => heard(row.mailbox) >= row.modseq));
}
