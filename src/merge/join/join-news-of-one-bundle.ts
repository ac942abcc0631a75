import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import {
  type FlagRegister,
  laterRegister,
  type Stamp,
  type Validity,
  winningNumbering,
} from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { type Birth, type BirthKey, birthKey, birthOf, compareBirths } from '../../replica/message-birth.js';
import { inRanges } from '../../replica/number-ranges.js';
import { highestClaim, joinLedgers, type Ledger } from '../../replica/uid-ledger.js';
import { coversBirth, coversStamp, joinClocks, tickOf } from '../../replica/version-vector.js';
import { draftOf } from '../copy-on-write-map.js';
import { handOver, joinRegisters } from '../join-registers.js';
import type { Decision } from '../merge-decision.js';
import type { Rules } from '../rules-tests-can-switch-off.js';
import { agreementsOf, pairByText } from './pair-duplicate-messages.js';

/** From the birth that goes to the one that takes its place. */
export type HandOvers = Map<BirthKey, BirthKey>;

export type JoinContext = {
  readonly self: HostId;
  readonly rules: Rules;
  /** Is the mailbox in this host's store? For the report only. */
  readonly stored: boolean;
  /** What was handed over by other news of the same merge. */
  readonly before: ReadonlyMap<BirthKey, BirthKey>;
};

export type JoinedNews = {
  readonly state: MailboxState;
  readonly decisions: readonly Decision[];
  readonly handOvers: HandOvers;
};

/**
 * Merges one peer's news, which must be admissible and built upon what is known here, into a state: merge rules 1 to 5.
 * What the merge itself decides (what becomes one, what is kept) gets a new modseq of this host, so that everybody will
 * hear of it.
 */
export function joinNews(
  mine: MailboxState,
  news: MailboxNews,
  { self, rules, stored, before }: JoinContext,
): JoinedNews {
  const decisions: Decision[] = [];
  const handOvers: HandOvers = new Map();
  const highestModseq = Math.max(mine.highestModseq, news.highestModseq);
  const stamp = { modseq: highestModseq + 1, host: self };
  let isDecided = false;

  const { validity } = winningNumbering(mine, news);
  // Of one that never gave out a UID no client knows anything.
  const isKnown = mine.validity !== null && mine.uidNext > 1;
  if (isKnown && mine.validity !== null && validity !== null && validity.uidValidity !== mine.validity.uidValidity) {
    decisions.push({ kind: 'uidvalidity', from: mine.validity.uidValidity, to: validity.uidValidity });
  }
  const uidOf = ({ uid }: Instance): number | null => (uid.uidValidity === validity?.uidValidity ? uid.uid : null);

  const instances = draftOf(mine.instances);
  const going: Instance[] = [];
  const mineOnly: Instance[] = [];
  for (const instance of mine.instances.values()) {
    const { birth } = instance;
    if (!coversBirth(news.clock, birth)) mineOnly.push(instance);
    else if (rules.expungeAbsent && news.expungesNothing !== true && !isAlive(news, birth)) going.push(instance);
  }
  const incoming: Instance[] = [];
  const known = { mine: mine.clock, theirs: news.clock, validity };
  const update = (birth: Birth, registers: Parameters<typeof joinRegisters>[1]): void => {
    const key = birthKey(birth);
    const before = instances.get(key);
    if (before === undefined) {
      const isNewThere = [...registers.flags.values()].some(
        (register) => !coversStamp(mine.clock, register) && register.modseq > 0,
      );
      if (isNewThere) decisions.push({ kind: 'expunge-won', birth, winner: self, loser: news.from });
      return;
    }
    const { instance, changes } = joinRegisters(before, registers, known);
    instances.set(key, instance);
    if (changes === null) return;
    const { set, cleared, conflicts } = changes;
    if (set.length + cleared.length > 0) decisions.push({ kind: 'flags', birth, uid: uidOf(instance), set, cleared });
    for (const { flag, winner, loser } of conflicts) {
      decisions.push({ kind: 'flag-conflict', birth, flag, on: winner.on, winner: winner.host, loser: loser.host });
    }
  };
  for (const instance of news.saves) {
    const { birth } = instance;
    if (!isAlive(news, birth)) continue;
    if (instances.has(birthKey(birth))) update(birth, instance);
    else if (!coversBirth(mine.clock, birth) || !rules.ignoreExpunged) incoming.push(instance);
  }
  for (const each of news.updates) update(each.birth, each);

  for (const instance of going) instances.delete(birthKey(instance.birth));
  for (const instance of incoming) instances.set(birthKey(instance.birth), instance);
  /** The size of a text is that which is known here, where the text may be. */
  const passOn = (goes: Instance, stays: Instance, { guid, sizeBytes }: Instance): void => {
    const key = birthKey(stays.birth);
    const current = instances.get(key) ?? stays;
    const before = current.sizeBytes === sizeBytes || current.guid !== guid ? current : { ...current, sizeBytes };
    const after = handOver(before, goes, { stamp, validity, rules });
    if (after !== before) isDecided = true;
    instances.set(key, after);
    handOvers.set(birthKey(goes.birth), key);
  };

  // What they still have under the birth that went is not known to this host alone: a copy of it there is a wanted one.
  const familiar = new Set<BirthKey>();
  for (const [gone, survivor] of before) if (isAlive(news, birthOf(gone))) familiar.add(survivor);
  const strange = familiar.size === 0 ? mineOnly : mineOnly.filter(({ birth }) => !familiar.has(birthKey(birth)));
  const pairs = rules.unify ? pairByText(strange, incoming, rules) : [];
  const taken = new Set<Instance>();
  for (const pair of pairs) {
    const isMineKept = compareBirths(pair.mine.birth, pair.theirs.birth) < 0;
    const [stays, goes] = isMineKept ? [pair.mine, pair.theirs] : [pair.theirs, pair.mine];
    taken.add(pair.theirs);
    instances.delete(birthKey(goes.birth));
    passOn(goes, stays, pair.mine);
    isDecided = true;
    decisions.push({ kind: 'unified', kept: stays.birth, dropped: goes.birth, ...textIdOf(stays) });
  }
  const arriving = incoming.filter((instance) => !taken.has(instance));
  const replaced = new Set<Instance>();
  for (const { mine: goes, theirs: comes } of rules.unify ? pairByText(going, arriving, rules) : []) {
    passOn(goes, comes, goes);
    taken.add(comes);
    replaced.add(goes);
    decisions.push({ kind: 'unified', kept: comes.birth, dropped: goes.birth, ...textIdOf(comes) });
  }
  for (const instance of arriving) {
    if (taken.has(instance)) continue;
    const { birth, guid, sizeBytes } = instance;
    decisions.push({ kind: 'new', birth, guid, sizeBytes, uid: uidOf(instance) });
  }
  for (const instance of going) {
    if (replaced.has(instance)) continue;
    const { birth, guid } = instance;
    decisions.push({ kind: 'expunged', birth, guid, uid: instance.uid.uid, by: news.from });
    const isChangedHere = [...instance.flags.values()].some((register) => !coversStamp(news.clock, register));
    if (isChangedHere) decisions.push({ kind: 'expunge-won', birth, winner: news.from, loser: self });
  }

  const agreements = rules.agree ? agreementsOf(pairs, mine.ledger, news.ledger) : [];
  const ledger = joinLedgers(joinLedgers(mine.ledger, news.ledger), { claims: [], agreements });
  const uidNext = joinUidNext(mine, news, validity, highestUid(instances.current(), ledger, validity));

  let exists: FlagRegister = laterRegister(mine.exists, news.exists);
  if (!exists.on && instances.current().size > 0 && (mine.exists.on || news.exists.on || mine.exists !== exists)) {
    decisions.push({ kind: 'kept', by: exists.host });
    exists = { on: true, ...stamp };
    isDecided = true;
  }
  const isThere = exists.on || instances.current().size > 0;
  const wasThere = mine.exists.on || mine.instances.size > 0;
  if (isThere && !wasThere && !stored) decisions.push({ kind: 'created' });
  if (!isThere && wasThere) decisions.push({ kind: 'deleted' });
  const subscribed = laterRegister(mine.subscribed, news.subscribed);
  if (subscribed.on !== mine.subscribed.on) decisions.push({ kind: 'subscribed', on: subscribed.on });

  const joined: MailboxState = {
    name: mine.name,
    clock: joinClocks(mine.clock, news.clock),
    highestModseq,
    validity,
    uidNext,
    exists,
    subscribed,
    instances: instances.current(),
    ledger,
  };
  // What is not all believed changes things of which its clock does not tell: nobody would hear of them.
  if (news.isDoubted === true && rules.decideDoubted) isDecided ||= !isAlike(mine, joined);
  const advances = isDecided && rules.advanceClock;
  return { state: advances ? advanced(joined, stamp) : joined, decisions, handOvers };
}

/** With a deed of this host in it. */
function advanced(state: MailboxState, { modseq, host }: Stamp): MailboxState {
  const clock = new Map(state.clock).set(host, { ...tickOf(state.clock, host), modseq });
  return { ...state, clock, highestModseq: modseq };
}

/** Do they differ in nothing but what is known of the deeds of others? */
function isAlike(a: MailboxState, b: MailboxState): boolean {
  return (
    a.instances === b.instances &&
    a.ledger === b.ledger &&
    a.uidNext === b.uidNext &&
    a.exists === b.exists &&
    a.subscribed === b.subscribed &&
    a.validity?.uidValidity === b.validity?.uidValidity &&
    a.validity?.resets === b.validity?.resets
  );
}

function isAlive({ living }: MailboxNews, { host, serial }: Birth): boolean {
  return inRanges(living.get(host) ?? [], serial);
}

/** The highest UID that is claimed or in use in the UIDVALIDITY that holds now. */
function highestUid(instances: ReadonlyMap<BirthKey, Instance>, ledger: Ledger, validity: Validity | null): number {
  if (validity === null) return 0;
  const { uidValidity } = validity;
  let highest = highestClaim(ledger, uidValidity);
  for (const { uid } of instances.values()) if (uid.uidValidity === uidValidity && uid.uid > highest) highest = uid.uid;
  return highest;
}

/** Above every UID given out in the UIDVALIDITY that holds now, as far as either side knows. */
function joinUidNext(mine: MailboxState, news: MailboxNews, validity: Validity | null, highest: number): number {
  const next = ({ validity: own, uidNext }: MailboxState | MailboxNews): number =>
    own !== null && own.uidValidity === validity?.uidValidity ? uidNext : 1;
  return Math.max(next(mine), next(news), highest + 1);
}
