import { knownHostsMax, mailboxListBytesMax } from '../../../bundle/format/bundle-limits.js';
import { mailboxSharesIn, putMailboxShares } from '../../../catalog/facts/peers/counted-of-each-peer.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { MailboxCatalog } from '../../../catalog/interface/mailbox-catalog.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { HostId } from '../../../replica/host-id.js';
import { type Clock, emptyClock, joinClocks } from '../../../replica/version-vector.js';
import { addShare, type Shares, type Strangers, takeShare, type Vouch } from '../../../replica/vouched-hosts.js';

/** What the lists of mailboxes in this host's bundles can still take (mrepl-sync(7), Who vouches for what). */
export type ListRoom = {
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  /** Has a mailbox that is not known here room among what that peer vouches for? Then it counts for that. */
  takeMailbox(name: MailboxName, vouch: Vouch): boolean;
  /** Likewise the entry of a host that others vouch for, in the clock of one mailbox. */
  takeEntry(vouch: Vouch): boolean;
  /** Adds what is told of a mailbox, unless there is no room for it at all. */
  addClock(name: MailboxName, clock: Clock): boolean;
  /** Remembers, in the open transaction, who vouches for the mailboxes that came to be known. */
  remember(isKnown: (mailbox: MailboxName) => boolean): void;
};

/**
 * Bytes of what a manifest says of a mailbox, without its name and its clocks. So many that the list is full before
 * there are `mailboxesMax` of them.
 */
const itemBytes = 320;

/** Bytes of an entry of a clock in both lists, at the most. */
const entryBytesMax = 2 * `[${knownHostsMax},${Number.MAX_SAFE_INTEGER},${Number.MAX_SAFE_INTEGER}],`.length;

/** As it is now; what is taken is counted. */
export function listRoomIn(catalog: MailboxCatalog & FactCatalog, strangers: Strangers): ListRoom {
  const clocks = new Map<MailboxName, Clock>(catalog.summaries().map(({ state }) => [state.name, state.clock]));
  const brought = new Map<MailboxName, { readonly vouch: Vouch; readonly bytes: number }>();
  const shares = mailboxSharesIn(catalog);
  let bytes = [...clocks].reduce((sum, [name, clock]) => sum + mailboxBytes(name, clock), 0);
  // Entries of hosts that others vouch for count as if they were as long as they can become.
  let growth = addEntries(shares, strangers, clocks.values());
  const take = (vouch: Vouch, more: number): boolean =>
    takeShare(shares, vouch, more, mailboxListBytesMax - bytes - growth);
  return {
    clocks,
    takeMailbox(name, vouch) {
      const more = mailboxBytes(name, emptyClock);
      const isTaken = take(vouch, more);
      if (isTaken) brought.set(name, { vouch, bytes: more });
      return isTaken;
    },
    takeEntry(vouch) {
      const isTaken = take(vouch, entryBytesMax);
      if (isTaken) growth += entryBytesMax;
      return isTaken;
    },
    addClock(name, clock) {
      const before = clocks.get(name);
      const after = joinClocks(before ?? emptyClock, clock);
      const more = mailboxBytes(name, after) - (before === undefined ? 0 : mailboxBytes(name, before));
      if (more > 0 && bytes + more > mailboxListBytesMax) return false;
      clocks.set(name, after);
      bytes += more;
      return true;
    },
    remember(isKnown) {
      const noted = mailboxSharesIn(catalog);
      for (const [name, { vouch, bytes }] of brought) if (isKnown(name)) addShare(noted, vouch, bytes);
      putMailboxShares(catalog, noted);
    },
  };
}

/**
 * Adds what the entries may come to that these clocks have of hosts which others vouch for. Answers how many bytes that
 * is together.
 */
function addEntries(shares: Shares, strangers: ReadonlyMap<HostId, Vouch>, clocks: Iterable<Clock>): number {
  let bytes = 0;
  for (const clock of clocks) {
    for (const host of clock.keys()) {
      const vouch = strangers.get(host);
      if (vouch === undefined) continue;
      addShare(shares, vouch, entryBytesMax);
      bytes += entryBytesMax;
    }
  }
  return bytes;
}

/** A statement names a mailbox with its clock, and a manifest once more, with what its records build upon. */
function mailboxBytes(name: MailboxName, clock: Clock): number {
  // In a statement, which is a string in the manifest.
  let bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(name)));
  for (const { serial, modseq } of clock.values()) bytes += `[${knownHostsMax},${serial},${modseq}],`.length;
  return itemBytes + 2 * bytes;
}
