import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { type FlagRegister, laterRegister, type Stamp, type Validity } from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { type Birth, type BirthKey, birthKey, birthOf } from '../../replica/message-birth.js';
import { messagesBorn, messagesChanged } from '../../replica/messages-read-on-demand.js';
import { highestClaim, joinLedgers, type Ledger } from '../../replica/uid-ledger.js';
import { coversBirth, coversStamp, joinClocks, tickOf } from '../../replica/version-vector.js';
import { flagChanges, joinRegisters, withRoomForFlags } from '../join-registers.js';
import type { Decision } from '../merge-decision.js';
import {
  beginJoin,
  type HandOvers,
  isAlive,
  type JoinContext,
  type JoinInProgress,
  passOn,
  uidAfter,
} from './join-in-progress.js';
import { agreementsOf, compareForKeeping, type Pair, pairByText } from './pair-duplicate-messages.js';

/** What became of the news of one bundle. */
type JoinedNews = {
  readonly state: MailboxState;
  readonly decisions: readonly Decision[];
  readonly handOvers: HandOvers;
};

/**
 * Merges one peer's news, which must be admissible (`whyInadmissible`) and built upon what is known here, into a state:
 * rules 1 to 5 of mrepl-sync(7), in the order of its section "One bundle's news". What the merge itself decides (what
 * becomes one, what is kept) gets a new modseq of this host, so that everybody will hear of it. UIDs that are now in
 * use twice stay so until they are renumbered (rule 6).
 */
export function joinNews(mine: MailboxState, news: MailboxNews, context: JoinContext): JoinedNews {
  const join = beginJoin(mine, news, context);
  const { validity, instances, decisions, handOvers } = join;
  // Of a mailbox that never gave out a UID no client knows anything.
  const isKnown = mine.validity !== null && mine.uidNext > 1;
  if (isKnown && mine.validity !== null && validity !== null && validity.uidValidity !== mine.validity.uidValidity) {
    decisions.push({ kind: 'uidvalidity', from: mine.validity.uidValidity, to: validity.uidValidity });
  }
  const { mineOnly, going } = whatTheyLack(join);
  const incoming = joinKnownMessages(join);
  for (const instance of going) instances.delete(birthKey(instance.birth));
  for (const instance of incoming) instances.set(birthKey(instance.birth), instance);
  const pairs = unifyDuplicates(join, mineOnly, incoming);
  const unified = new Set(pairs.map(({ theirs }) => theirs));
  replaceGoing(
    join,
    going,
    incoming.filter((instance) => !unified.has(instance)),
  );
  const { exists, subscribed } = joinMailboxRegisters(join);
  const agreements = context.rules.agree ? agreementsOf(pairs, mine.ledger, news.ledger) : [];
  const ledger = joinLedgers(joinLedgers(mine.ledger, news.ledger), { claims: [], agreements });
  const joined: MailboxState = {
    name: mine.name,
    clock: joinClocks(mine.clock, news.clock),
    highestModseq: Math.max(mine.highestModseq, news.highestModseq),
    validity,
    uidNext: joinUidNext(mine, news, validity, highestUid(mine, instances.current(), { ledger, validity })),
    exists,
    subscribed,
    instances: instances.current(),
    ledger,
  };
  // Doubted news changes things of which its clock does not tell: without a deed of this host nobody would hear of
  // them.
  const isDoubted = news.isDoubted === true && context.rules.decideDoubted;
  const isDecided = join.isDecided || (isDoubted && !isAlike(mine, joined));
  const state = isDecided && context.rules.advanceClock ? withDeed(joined, join.stamp) : joined;
  return { state, decisions, handOvers };
}

/**
 * The messages here that the news do not list: those that the sender has never heard of, and those that it knows and
 * has no more, which go here, too.
 */
function whatTheyLack({ mine, news, context }: JoinInProgress): {
  readonly mineOnly: readonly Instance[];
  readonly going: readonly Instance[];
} {
  const mineOnly: Instance[] = [];
  const going: Instance[] = [];
  const expunges = context.rules.expungeAbsent && news.expungesNothing !== true;
  const isLacked = (birth: Birth): boolean => !coversBirth(news.clock, birth) || (expunges && !isAlive(news, birth));
  for (const instance of messagesBorn(mine.instances, isLacked)) {
    if (coversBirth(news.clock, instance.birth)) going.push(instance);
    else mineOnly.push(instance);
  }
  return { mineOnly, going };
}

/** Joins what the news say of messages that are known here. Answers those that are new here. */
function joinKnownMessages(join: JoinInProgress): Instance[] {
  const { mine, news, context, instances } = join;
  const incoming: Instance[] = [];
  for (const instance of news.saves) {
    const { birth } = instance;
    if (!isAlive(news, birth)) continue;
    if (instances.has(birthKey(birth))) joinMessage(join, birth, instance);
    else if (!coversBirth(mine.clock, birth) || !context.rules.ignoreExpunged)
      incoming.push(withRoomForFlags(instance));
  }
  for (const each of news.updates) joinMessage(join, each.birth, each);
  return incoming;
}

/**
 * Joins the registers of one message. Of one that was expunged here it is only said that this won over what changed
 * there.
 */
function joinMessage(join: JoinInProgress, birth: Birth, registers: Parameters<typeof joinRegisters>[1]): void {
  const { mine, news, context, instances, decisions, validity } = join;
  const key = birthKey(birth);
  const before = instances.get(key);
  if (before === undefined) {
    const isNewThere = [...registers.flags.values()].some(
      (register) => !coversStamp(mine.clock, register) && register.modseq > 0,
    );
    if (isNewThere) decisions.push({ kind: 'expunge-won', birth, winner: context.self, loser: news.from });
    return;
  }
  const known = { mine: mine.clock, theirs: news.clock, validity };
  const { instance, changes } = joinRegisters(before, registers, known);
  instances.set(key, instance);
  if (changes === null) return;
  const { set, cleared, conflicts } = changes;
  if (set.length + cleared.length > 0) {
    decisions.push({ kind: 'flags', birth, uid: uidAfter(join, instance), set, cleared });
  }
  for (const { flag, winner, loser } of conflicts) {
    decisions.push({ kind: 'flag-conflict', birth, flag, on: winner.on, winner: winner.host, loser: loser.host });
  }
}

/** Makes one of each two instances of the same mail that both sides saw first by themselves (rule 4); answers those. */
function unifyDuplicates(join: JoinInProgress, mineOnly: readonly Instance[], incoming: readonly Instance[]): Pair[] {
  const { news, context, instances, decisions } = join;
  if (!context.rules.unify) return [];
  // What they still have under the birth that went is not known to this host alone: a copy of it there is a wanted one.
  const familiar = new Set<BirthKey>();
  for (const [gone, survivor] of context.before) if (isAlive(news, birthOf(gone))) familiar.add(survivor);
  const strange = familiar.size === 0 ? mineOnly : mineOnly.filter(({ birth }) => !familiar.has(birthKey(birth)));
  const pairs = pairByText(strange, incoming, context.rules);
  for (const pair of pairs) {
    const isMineKept = compareForKeeping(pair.mine, pair.theirs, context.rules) < 0;
    const [stays, goes] = isMineKept ? [pair.mine, pair.theirs] : [pair.theirs, pair.mine];
    instances.delete(birthKey(goes.birth));
    passOn(join, goes, stays, pair.mine);
    join.isDecided = true;
    decisions.push({ kind: 'unified', kept: stays.birth, dropped: goes.birth, ...textIdOf(stays) });
    tellFlags(join, pair.mine, stays.birth);
  }
  return pairs;
}

/** Says which flags of a message that was here change where its place is taken by, or it takes that of, its twin. */
function tellFlags(join: JoinInProgress, mine: Instance, stays: Birth): void {
  const after = join.instances.get(birthKey(stays));
  if (after === undefined) return;
  const { set, cleared } = flagChanges(mine.flags, after.flags);
  if (set.length + cleared.length === 0) return;
  join.decisions.push({ kind: 'flags', birth: stays, uid: uidAfter(join, after), set, cleared });
}

/**
 * Settles what arrives and what goes: where both are of the same mail, somebody else made one of the two, and the one
 * that arrives takes over what is here. All others are new mail, and mail that was expunged there.
 */
function replaceGoing(join: JoinInProgress, going: readonly Instance[], arriving: readonly Instance[]): void {
  const { news, context, decisions } = join;
  const taken = new Set<Instance>();
  const replaced = new Set<Instance>();
  for (const { mine: goes, theirs: comes } of context.rules.unify ? pairByText(going, arriving, context.rules) : []) {
    passOn(join, goes, comes, goes);
    taken.add(comes);
    replaced.add(goes);
    decisions.push({ kind: 'unified', kept: comes.birth, dropped: goes.birth, ...textIdOf(comes) });
    tellFlags(join, goes, comes.birth);
  }
  for (const instance of arriving) {
    if (taken.has(instance)) continue;
    const { birth, guid, sizeBytes } = instance;
    decisions.push({ kind: 'new', birth, guid, sizeBytes, uid: uidAfter(join, instance) });
  }
  for (const instance of going) {
    if (replaced.has(instance)) continue;
    const { birth, guid } = instance;
    decisions.push({ kind: 'expunged', birth, guid, uid: instance.uid.uid, by: news.from });
    const isChangedHere = [...instance.flags.values()].some((register) => !coversStamp(news.clock, register));
    if (isChangedHere) decisions.push({ kind: 'expunge-won', birth, winner: news.from, loser: context.self });
  }
}

/** Whether the mailbox is there, and subscribed to, after the merge. One that still has messages is not deleted. */
function joinMailboxRegisters(join: JoinInProgress): Pick<MailboxState, 'exists' | 'subscribed'> {
  const { mine, news, context, instances, decisions, stamp } = join;
  const hasMessages = instances.current().size > 0;
  let exists: FlagRegister = laterRegister(mine.exists, news.exists);
  if (!exists.on && hasMessages && (mine.exists.on || news.exists.on || mine.exists !== exists)) {
    decisions.push({ kind: 'kept', by: exists.host });
    exists = { on: true, ...stamp };
    join.isDecided = true;
  }
  const isThere = exists.on || hasMessages;
  const wasThere = mine.exists.on || mine.instances.size > 0;
  if (isThere && !wasThere && !context.stored) decisions.push({ kind: 'created' });
  if (!isThere && wasThere) decisions.push({ kind: 'deleted' });
  const subscribed = laterRegister(mine.subscribed, news.subscribed);
  if (subscribed.on !== mine.subscribed.on) decisions.push({ kind: 'subscribed', on: subscribed.on });
  return { exists, subscribed };
}

/** The state with a deed of this host in its clock, of which its peers will hear. */
function withDeed(state: MailboxState, { modseq, host }: Stamp): MailboxState {
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

/**
 * The highest UID that is claimed or in use in the UIDVALIDITY that holds now. In the one that held before the merge
 * all that was in use is below the UIDNEXT that was known.
 */
function highestUid(
  mine: MailboxState,
  instances: ReadonlyMap<BirthKey, Instance>,
  { ledger, validity }: { readonly ledger: Ledger; readonly validity: Validity | null },
): number {
  if (validity === null) return 0;
  const { uidValidity } = validity;
  let highest = highestClaim(ledger, uidValidity);
  const isKept = mine.validity?.uidValidity === uidValidity;
  if (isKept) highest = Math.max(highest, mine.uidNext - 1);
  for (const { uid } of isKept ? messagesChanged(mine.instances, instances) : instances.values())
    if (uid.uidValidity === uidValidity && uid.uid > highest) highest = uid.uid;
  return highest;
}

/** Above every UID given out in the UIDVALIDITY that holds now, as far as either side knows. */
function joinUidNext(mine: MailboxState, news: MailboxNews, validity: Validity | null, highest: number): number {
  const next = ({ validity: own, uidNext }: MailboxState | MailboxNews): number =>
    own !== null && own.uidValidity === validity?.uidValidity ? uidNext : 1;
  return Math.max(next(mine), next(news), highest + 1);
}
