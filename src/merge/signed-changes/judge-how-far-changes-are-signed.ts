import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import { joinTicks, type Tick } from '../../replica/version-vector.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';

// What one host says of another counts only as far as that other host has signed it (mrepl-sync(7), WHO VOUCHES FOR
// WHAT).

/** What a host has signed of its own deeds: its own entry in each clock of its statement. */
export type SignedTicks = {
  /** The key of the signature. */
  readonly key: string;
  readonly number: number;
  readonly tickIn: (mailbox: MailboxName) => Tick;
};

/** A statement that is kept here, and whose bundle brought it. */
export type HeldTicks = SignedTicks & { readonly saidBy: HostId };

/**
 * The key with which a host is paired. isSilent: it was revoked or goes on as another host, so that nothing more is to
 * be expected of it.
 */
export type PairedKey = { readonly key: string; readonly isSilent: boolean };

/**
 * How far the deeds of a host are vouched for. word: as far as the sender says. known: as far as they are known here.
 * apart: not at all, and births of that host are not the same messages there and here.
 */
export type Vouched = Tick | 'word' | 'known' | 'apart';

export type VouchingContext = {
  readonly self: HostId;
  /** Who wrote the bundle. */
  readonly from: HostId;
  /**
   * The newest statement of a host that is kept here, those of this very import included; of this host itself its own
   * last one.
   */
  readonly held: (host: HostId) => SignedTicks | null;
  /**
   * The statement on which the sender shows that it builds; null where it shows none, or one that nothing is known of
   * here.
   */
  readonly shown: (host: HostId) => SignedTicks | null;
  /** Also of this host itself. */
  readonly paired: (host: HostId) => PairedKey | null;
  /** Did this host tell two stories, so that its births are other messages there than here, or were born anew here? */
  readonly isApart: (host: HostId) => boolean;
  /** What was known here when nothing was signed yet, in mrepl 0.1. */
  readonly before: (host: HostId) => Tick;
};

/**
 * How far what a bundle says of a host's deeds in a mailbox is to be believed. Of itself the sender may say anything.
 * Of this host and of one that has signed something which is kept here it vouches for what it shows to be signed with
 * the same key, and for no more: it could know more only from that host. A paired host that never signed anything, as
 * one that still runs mrepl 0.1, is not to be spoken for either.
 */
export function vouchedFor(
  host: HostId,
  mailbox: MailboxName,
  { self, from, held, shown, paired, isApart, before }: VouchingContext,
  rules: Rules = everyRule,
): Vouched {
  if (rules.disown && isApart(host)) return 'apart';
  if (host === from || !rules.signedClocks) return 'word';
  const signed = held(host);
  const known = paired(host);
  if (signed === null && host === self) return 'known';
  if (signed === null && (known === null || known.isSilent)) return 'word';
  const basis = rules.shownOnly || host === self ? shown(host) : signed;
  const key = signed?.key ?? known?.key;
  return basis !== null && basis.key === key ? joinTicks(before(host), basis.tickIn(mailbox)) : before(host);
}

/**
 * What becomes of a statement that came with a bundle. keep: it is a newer one by the same key. begin: it is the first
 * one by this key, so that what was believed without it, or with another key, gives way. null: it is not to be kept.
 *
 * Of a host that is not paired here nobody knows the key. The first that a peer shows holds until that peer shows
 * another one, or is believed no more.
 */
export function whatToKeep(
  offered: SignedTicks,
  held: HeldTicks | null,
  { from, pairedKey, isBelieved }: KeepingContext,
): 'keep' | 'begin' | null {
  if (pairedKey !== null && offered.key !== pairedKey) return null;
  if (held === null) return 'begin';
  const isOrphan = pairedKey === null && !isBelieved(held.saidBy);
  if (held.key === offered.key) {
    return offered.number > held.number || (isOrphan && offered.number === held.number) ? 'keep' : null;
  }
  return pairedKey !== null || held.saidBy === from || isOrphan ? 'begin' : null;
}

type KeepingContext = {
  /** Whose bundle it came with. */
  readonly from: HostId;
  /** Null where its host is not paired here. */
  readonly pairedKey: string | null;
  /** Is this host's word still taken? */
  readonly isBelieved: (host: HostId) => boolean;
};
