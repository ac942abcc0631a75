import type { Scan } from '../../mail/mailbox-scan.js';
import { type UidUse, uidUseAt, uidUses } from '../../replica/find-uid-conflicts.js';
import type { HostId } from '../../replica/host-id.js';
import { type Validity, winningNumbering } from '../../replica/last-writer-registers.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { normaliseRanges, type Range } from '../../replica/number-ranges.js';
import { uidNextMax } from '../../replica/replica-limits.js';
import { type Claim, highestClaim, joinLedgers, type Ledger } from '../../replica/uid-ledger.js';
import type { Rules } from '../rules-tests-can-switch-off.js';
import { freshValidity, unusedValidity } from '../uids/make-new-uidvalidity.js';

type StoreUids = { readonly uidValidity: number; readonly uidNext: number };

/**
 * How the UIDs a store shows are to be read. own: they are those of the replicated UIDVALIDITY. reset: the store has a
 * new UIDVALIDITY, which wins. strange: the store will be given the replicated numbers. none: it has none, and the
 * catalog keeps them.
 */
export type UidView =
  | { readonly kind: 'own' | 'reset'; readonly validity: Validity; readonly store: StoreUids }
  | { readonly kind: 'strange'; readonly validity: Validity; readonly store: StoreUids }
  /** None is needed yet: it takes the first UIDVALIDITY it meets. */
  | { readonly kind: 'blank'; readonly validity: null; readonly store: StoreUids | null }
  | { readonly kind: 'none'; readonly validity: Validity; readonly store: null };

/**
 * Decides how the UIDs that a store shows, if it shows any, are to be read; mrepl-sync(7), "WHAT A HOST SEES IN ITS OWN
 * STORE".
 */
export function viewUids(
  known: KnownMailbox,
  store: StoreUids | null,
  context: {
    readonly anyBorn: boolean;
    /** The store gives out UIDs, but its list is gone or not understood: it has to be given another. */
    readonly wantsUids: boolean;
    /** Is any message there that was there before? */
    readonly anyFamiliar: boolean;
    readonly nowS: number;
    /** The store's own id of the mailbox, where it has one. */
    readonly mailboxId: string | null;
    readonly rules: Rules;
  },
): UidView {
  const { validity, ledger } = known.state;
  const isRaised = known.storeUids !== null && store !== null && store.uidValidity > known.storeUids.uidValidity;
  if (store === null) {
    if (validity !== null) return { kind: 'none', validity, store };
    const isEmpty = !context.anyBorn && known.state.instances.size === 0;
    if (isEmpty || !context.wantsUids) return { kind: 'blank', validity, store };
    return { kind: 'none', validity: { resets: 0, uidValidity: freshValidity(context.nowS) }, store };
  }
  if (validity === null) {
    const isOther = known.storeUids !== null && store.uidValidity !== known.storeUids.uidValidity;
    const isBlank = store.uidNext === 1 && !context.anyBorn && !isOther;
    if (isBlank && !context.rules.agreeEmpty) return { kind: 'blank', validity, store };
    const resets = isOther && context.rules.countResets ? 1 : 0;
    return { kind: 'own', validity: { resets, uidValidity: store.uidValidity }, store };
  }
  // Another mailbox under the name: UIDs given out unseen in the old one must not come back.
  const isReplaced = known.mailboxId !== null && context.mailboxId !== null && known.mailboxId !== context.mailboxId;
  const isOtherMail = isReplaced && context.anyBorn && !context.anyFamiliar;
  if (store.uidValidity === validity.uidValidity && !isOtherMail) return { kind: 'own', validity, store };
  const isUsed = ledger.claims.some(({ uidValidity }) => uidValidity === store.uidValidity);
  // Made here just when a peer had told of it: as if it had been made before, and told of.
  const isNamedOnly = !known.stored && known.state.exists.on && known.state.uidNext === 1 && context.rules.agreeEmpty;
  if (isNamedOnly && !isUsed) {
    const made = { validity: { ...validity, uidValidity: store.uidValidity }, uidNext: store.uidNext };
    if (winningNumbering(known.state, made) === made) return { kind: 'own', validity: made.validity, store };
    return { kind: 'strange', validity, store };
  }
  const isMadeAnew = !known.stored && store.uidValidity > validity.uidValidity;
  if (!isMadeAnew && !isReplaced && !isRaised) return { kind: 'strange', validity, store };
  const resets = context.rules.countResets ? validity.resets + 1 : validity.resets;
  const uidValidity =
    isUsed || store.uidValidity <= validity.uidValidity ? unusedValidity(ledger, validity) : store.uidValidity;
  return { kind: 'reset', validity: { resets, uidValidity }, store };
}

/** The UIDs of one scan, as far as they are this host's own deed. */
type ObservedUids = {
  readonly uidNext: number;
  readonly ledger: Ledger;
};

/** What `observeUidNext` needs to know, after all messages of a mailbox were compared. */
type UidFacts = {
  readonly known: KnownMailbox;
  readonly view: UidView;
  readonly context: { readonly self: HostId };
  readonly rules: Rules;
  /** UIDs at which a message stands that a plan of ours was to put there. */
  readonly planned: readonly number[];
  /** Was something that a plan was to put elsewhere, or to deliver, not found there? */
  readonly isUnfinished: boolean;
  /** UIDs that the store itself gave: to new messages, or to known ones that it moved. */
  readonly given: readonly number[];
  /** UIDs above all others, taken here for messages whose own could not be kept: this many. */
  readonly taken: number;
  /** What a list that the store has lost had given out since it was seen last. */
  readonly lost: LostUids | null;
};

/** UIDs that may have been given out, to whom nobody can tell any more. */
export type LostUids = { readonly uidValidity: number; readonly range: Range };

/**
 * A garbled number must not use up the UIDs of a mailbox: no list is believed to have given out more than this,
 * inclusive, since the last look.
 */
const unseenUidsMax = 1 << 20;

/** Null where a list was not lost just now, or gave out nothing that was not seen. Clients may have read it before. */
export function lostUids({ storeUids }: KnownMailbox, wanted: Scan['uidsWanted']): LostUids | null {
  if (storeUids === null || wanted === undefined) return null;
  const { uidValidity, uidNext } = storeUids;
  const last = Math.min(wanted.above, uidNextMax - 1);
  if (last < uidNext || last >= uidNext + unseenUidsMax) return null;
  return { uidValidity, range: [uidNext, last] };
}

/**
 * What the store's UIDNEXT tells: every UID between the last one seen and this one was given out, also to messages that
 * came and went unseen, and is claimed; except those a plan of ours gave out, which are claimed by whoever decided on
 * them.
 */
export function observeUidNext(facts: UidFacts): ObservedUids {
  const { known, view, context, taken } = facts;
  const { self } = context;
  const { state } = known;
  if (view.kind === 'blank') return { uidNext: state.uidNext + taken, ledger: state.ledger };
  const number = view.validity.uidValidity;
  // Beyond the last UID that anybody believes in, the last one stands for those that were given out: it shows the
  // UIDVALIDITY to be used up.
  const within = (uid: number): number => Math.min(uid, uidNextMax);
  const claim = (uidValidity: number, [lo, hi]: Range): Claim => {
    return { uidValidity, label: self, lo: within(lo), hi: within(hi) };
  };
  let uidNext = state.uidNext;
  const claims: Claim[] = [];
  const { storeUids } = known;
  const isOther = storeUids !== null && storeUids.uidValidity !== view.store?.uidValidity;
  if (isOther && (view.kind === 'reset' || state.validity === null))
    for (const one of unseenClaims(storeUids, self)) claims.push(one);
  if (view.kind === 'reset') {
    uidNext = Math.max(highestClaim(state.ledger, number) + 1, view.store.uidNext);
    if (uidNext > 1) {
      const whole: Range = [1, view.store.uidNext - 1];
      if (whole[1] > 0) claims.push(claim(number, whole), claim(view.store.uidValidity, whole));
    }
  } else if (view.kind === 'own') {
    uidNext = Math.max(state.uidNext, view.store.uidNext);
    for (const range of claimedRanges(facts, view.store)) claims.push(claim(number, range));
  } else if (view.kind === 'strange') {
    const lo = storeUids?.uidValidity === view.store.uidValidity ? storeUids.uidNext : 1;
    if (view.store.uidNext > lo) claims.push(claim(view.store.uidValidity, [lo, view.store.uidNext - 1]));
  }
  if (facts.lost !== null) {
    claims.push(claim(facts.lost.uidValidity, facts.lost.range));
    if (facts.lost.uidValidity === number) uidNext = Math.max(uidNext, facts.lost.range[1] + 1);
  }
  if (taken > 0) claims.push(claim(number, [uidNext, uidNext + taken - 1]));
  return { uidNext: uidNext + taken, ledger: joinLedgers(state.ledger, { claims, agreements: [] }) };
}

/**
 * All UIDs that a UIDVALIDITY which is over might still have given out since the last look. Should it ever hold again,
 * by coincidence, it has no UID left, and is replaced at once (`renumber`).
 */
export function unseenClaims({ uidValidity, uidNext }: StoreUids, self: HostId): readonly Claim[] {
  return uidNext > uidNextMax ? [] : [{ uidValidity, label: self, lo: uidNext, hi: uidNextMax }];
}

/**
 * Where the change was noted (`applied`), what it raised UIDNEXT to is known. After a crash it is taken for carried out
 * if everything stands where it was to stand; else all UIDs are claimed, which costs a renumbering at worst.
 */
function claimedRanges({ known, planned, isUnfinished, given, rules }: UidFacts, store: StoreUids): readonly Range[] {
  const { state, storeUids } = known;
  const sameList = storeUids?.uidValidity === store.uidValidity && state.validity?.uidValidity === store.uidValidity;
  const from = sameList ? storeUids.uidNext : 1;
  const ranges: Range[] = given.map((uid) => [uid, uid]);
  const intruders = given.some((uid) => uid >= from && uid < state.uidNext);
  const raisedByUs =
    state.validity !== null &&
    from < state.uidNext &&
    store.uidNext >= state.uidNext &&
    !intruders &&
    !isUnfinished &&
    (planned.length > 0 || !sameList);
  let lo = raisedByUs ? state.uidNext : from;
  if (!rules.claimUnseen) return normaliseRanges(ranges);
  for (const uid of [...planned].sort((a, b) => a - b)) {
    if (uid < lo) continue;
    if (uid > lo) ranges.push([lo, uid - 1]);
    lo = uid + 1;
  }
  if (store.uidNext > lo) ranges.push([lo, store.uidNext - 1]);
  return normaliseRanges(ranges);
}

/**
 * May a new message keep a UID below the UIDNEXT seen before? Only where nobody but this host's own store ever gave it
 * out and no other message has it now: then it was the store's from the beginning, seen late.
 */
export function lowUids({ validity, ledger, instances }: MailboxState, self: HostId): { keeps(uid: number): boolean } {
  if (validity === null) return { keeps: () => false };
  const { uidValidity } = validity;
  let found: { readonly uses: readonly UidUse[]; readonly held: ReadonlySet<number> } | null = null;
  const find = () => {
    const held = new Set<number>();
    for (const { uid } of instances.values()) if (uid.uidValidity === uidValidity) held.add(uid.uid);
    return { uses: uidUses(ledger, uidValidity), held };
  };
  return {
    keeps(uid) {
      found ??= find(); // seldom asked at all, but then of as many as were put back from a backup
      const use = uidUseAt(found.uses, uid);
      return use?.labels.length === 1 && use.labels[0] === self && !found.held.has(uid);
    },
  };
}

/** Does the state give the message this UID in this UIDVALIDITY? */
export function hasUid({ uid: register }: Instance, uidValidity: number, uid: number): boolean {
  return register.uidValidity === uidValidity && register.uid === uid;
}
