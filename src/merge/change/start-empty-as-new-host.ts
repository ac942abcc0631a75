import type { Scan } from '../../mail/mailbox-scan.js';
import type { HostId } from '../../replica/host-id.js';
import {
  type FlagRegister,
  type Numbering,
  type Validity,
  winningNumbering,
} from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type KnownMailbox, unknownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { uidMax } from '../../replica/replica-limits.js';
import { joinLedgers, type Ledger } from '../../replica/uid-ledger.js';
import { tickOf } from '../../replica/version-vector.js';
import { isPlausibleTime, plausibleFromS, unusedValidity } from '../uids/make-new-uidvalidity.js';
import { hostSpread } from '../uids/renumbering-decision-hash.js';

// A host whose catalog or mail come from a backup, or that is a copy of another one, may have given out serials,
// modseqs and UIDs that it does not remember. So it begins again under a new id, as a host that knows nothing of its
// mailboxes but the numbers that are used up.

/** UIDVALIDITY and UIDNEXT as a store shows them; null where it has none, or no such mailbox. */
type StoreUids = { readonly uidValidity: number; readonly uidNext: number } | null;

/** How far a UIDVALIDITY is put above one that is ahead of the time of day, at the most; a power of two. */
const aheadMax = 2 ** 16;

/**
 * The UIDVALIDITY under which all mailboxes go on, which none of them ever had, and also their number of resets: by the
 * time of day it is above what other hosts came to since the backup was made, and above what an earlier beginning came
 * to. Where one of them is ahead of the time of day, or that cannot be right, the new id says how far above it: two
 * beginnings from one backup, of which the second knows nothing of the first, must not come to the same. `stores`: as
 * they are now.
 */
export function eraAfter(
  mailboxes: Iterable<KnownMailbox>,
  stores: Iterable<StoreUids>,
  { nowS, self }: { readonly nowS: number; readonly self: HostId },
): number {
  let last = 0;
  const see = (uids: { readonly uidValidity: number } | null): void => {
    if (uids !== null && uids.uidValidity > last) last = uids.uidValidity;
  };
  for (const { state, storeUids } of mailboxes) {
    see(state.validity);
    see(storeUids);
    for (const claim of state.ledger.claims) see(claim);
  }
  for (const uids of stores) see(uids);
  if (isPlausibleTime(nowS) && last < nowS) return nowS;
  return Math.max(last, plausibleFromS) + 1 + (hostSpread(self, 0) % aheadMax);
}

/**
 * What a host that begins again knows of a mailbox before it looks at its store: no message, and nobody's deeds.
 * `store`: as it is there now. What is not there has another UIDVALIDITY should it come back, as always.
 */
export function beginAgain(
  { state }: KnownMailbox,
  { self, era, store, keepUids }: BeginAgain & { readonly store: StoreUids | 'absent' },
): KnownMailbox {
  const blank = unknownMailbox(state.name);
  const modseq = state.highestModseq + 1;
  const fresh = { ...blank.state, highestModseq: modseq, clock: new Map([[self, { serial: 0, modseq }]]) };
  const { validity, uidNext, ledger } = state;
  const isKnown = store === null || (store !== 'absent' && store.uidValidity === validity?.uidValidity);
  if (!keepUids || !isKnown) return { ...blank, state: { ...fresh, validity: raised(validity, ledger, era), ledger } };
  const kept = { ...fresh, validity, ledger: withoutUids(ledger, validity) };
  return { ...blank, state: store === null ? { ...kept, uidNext } : kept };
}

type BeginAgain = {
  /** The new id. */
  readonly self: HostId;
  readonly era: number;
  /** The UIDs that the store shows, or the catalog keeps for one without, go on to hold. */
  readonly keepUids: boolean;
};

/**
 * A mailbox as it has to be before news is joined to it, on a host that has begun again. A UIDVALIDITY from before that
 * may have held here before, and UIDs may have been given out in it that nobody remembers: where the news would make it
 * hold, the mailbox goes on under a new one instead.
 */
export function barOldUids(
  known: KnownMailbox,
  news: readonly MailboxNews[],
  { self, era }: { readonly self: HostId; readonly era: number | null },
): KnownMailbox {
  const { state } = known;
  const { validity: winner } = news.reduce<Numbering>(winningNumbering, state);
  if (era === null || winner === null) return known;
  if (winner.uidValidity === state.validity?.uidValidity || winner.uidValidity > era) return known;
  const ledger = news.reduce((all, each) => joinLedgers(all, each.ledger), state.ledger);
  const later = eraAfter([{ ...known, state: { ...state, validity: winner, ledger } }], [], { nowS: era, self });
  const modseq = state.highestModseq + 1;
  const clock = new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq });
  const validity = raised(winner, ledger, later);
  return { ...known, state: { ...state, validity, uidNext: 1, clock, highestModseq: modseq } };
}

/**
 * A mailbox as it was found when its host began again: whatever anybody has changed since holds against what was found.
 * Who does not know of a flag takes it all the same.
 */
export function yielding({ state, ...known }: KnownMailbox, self: HostId): KnownMailbox {
  const weak = (register: FlagRegister): FlagRegister => (register.on ? { on: true, modseq: 0, host: self } : register);
  const instances = new Map<string, Instance>();
  for (const [birth, instance] of state.instances) {
    const flags = new Map([...instance.flags].map(([flag, register]) => [flag, weak(register)]));
    instances.set(birth, { ...instance, flags });
  }
  return { ...known, state: { ...state, exists: weak(state.exists), subscribed: weak(state.subscribed), instances } };
}

/** What a store without UIDs shows, with those that the catalog keeps for it. */
export function withKeptUids(scan: Scan, { state, holdings }: KnownMailbox): Scan {
  if (scan.uids !== null || scan.uidsWanted !== undefined || state.validity === null) return scan;
  const { uidValidity } = state.validity;
  const messages = scan.messages.map((message) => {
    const birth = holdings.get(message.ref)?.birth;
    const register = birth === undefined ? undefined : state.instances.get(birth)?.uid;
    return register?.uidValidity === uidValidity ? { ...message, uid: register.uid } : message;
  });
  return { ...scan, messages, uids: { uidValidity, uidNext: state.uidNext } };
}

function raised(before: Validity | null, ledger: Ledger, era: number): Validity {
  const resets = Math.max((before?.resets ?? 0) + 1, era);
  return { resets, uidValidity: era > uidMax ? unusedValidity(ledger, before ?? { resets, uidValidity: 1 }) : era };
}

/**
 * Claims and agreements come back from the others; this host's own are made anew, under its new id, by its next look.
 */
function withoutUids(ledger: Ledger, validity: Validity | null): Ledger {
  const isOther = ({ uidValidity }: { readonly uidValidity: number }): boolean => uidValidity !== validity?.uidValidity;
  return { claims: ledger.claims.filter(isOther), agreements: ledger.agreements.filter(isOther) };
}
