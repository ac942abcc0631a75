import { Failure } from '../../failure.js';
import { withRoomForClaims } from '../../replica/check-mailbox-size.js';
import type { HostId } from '../../replica/host-id.js';
import { compareStamps } from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { covers, tickOf } from '../../replica/version-vector.js';
import type { Decision } from '../merge-decision.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { believable } from '../signed-changes/trim-unsigned-changes.js';
import { whyInadmissible } from './check-news-against-state.js';
import type { HandOvers } from './join-in-progress.js';
import { joinNews } from './join-news-of-one-bundle.js';
import { moveFiles } from './reassign-files-to-surviving-copy.js';
import { namingRewritten } from './report-new-and-expunged-as-rewritten.js';

export type JoinOutcome = {
  /** The very object that was given, where the news had nothing new. UIDs are not renumbered yet. */
  readonly known: KnownMailbox;
  readonly decisions: readonly Decision[];
  /** News that was not used, each with the reason; everything else was. */
  readonly refused: readonly { readonly news: MailboxNews; readonly failure: Failure }[];
  /**
   * News in which births of these hosts are other messages than here: nothing of them was used, nor was anything
   * expunged.
   */
  readonly apart: readonly Apart[];
};

type Apart = { readonly news: MailboxNews; readonly hosts: readonly HostId[] };

/**
 * Merges what waits for one mailbox, in an order of its own: what is built upon other news after that, and of what is
 * left the newest first, so that a message which lived only for a while is not met at all (merge rules 1 to 5). The
 * order in which the news is given has no effect.
 *
 * Throws `identity` where a peer knows more of this host than it does itself: then the catalog is older than what was
 * exported from it, and nothing may be merged.
 */
export function join(
  known: KnownMailbox,
  news: readonly MailboxNews[],
  self: HostId,
  rules: Rules = everyRule,
): JoinOutcome {
  for (const each of news) refuseRollback(known, each, self);
  let { state } = known;
  const decisions: Decision[] = [];
  const handOvers: HandOvers = new Map();
  const refused: { news: MailboxNews; failure: Failure }[] = [];
  const apart: Apart[] = [];
  let waiting = [...news];
  for (;;) {
    // What the clock covers is known already: every decision has advanced its maker's clock. That of doubted news
    // covers less than it says.
    waiting = waiting.filter(({ clock, isDoubted }) => isDoubted === true || !covers(state.clock, clock));
    const next = pickNext(waiting.filter(({ base }) => !rules.refuseStrangeBase || covers(state.clock, base)));
    if (next === null) break;
    waiting = waiting.filter((each) => each !== next);
    const hosts = rules.splitBirths ? splitIn(next, state) : new Set<HostId>();
    if (hosts.size > 0) apart.push({ news: next, hosts: [...hosts].sort() });
    const believed =
      hosts.size === 0 ? next : believable(next, state, (host) => (hosts.has(host) ? 'apart' : 'word'), rules).news;
    const told = rules.boundClaims ? withRoomForClaims(believed, state) : believed;
    const failure = whyInadmissible(told, state, self);
    if (failure !== null && rules.refuseStrangeBase) {
      refused.push({ news: next, failure });
      continue;
    }
    const joined = joinNews(state, told, { self, rules, stored: known.stored, before: handOvers });
    state = joined.state;
    for (const decision of joined.decisions) decisions.push(decision);
    for (const [gone, survivor] of joined.handOvers) handOvers.set(gone, survivor);
  }
  for (const each of waiting) refused.push({ news: each, failure: strangeBase(each) });
  if (state === known.state) return { known, decisions, refused, apart };
  const holdings = rules.handOverFile ? moveFiles(known, state, handOvers) : known.holdings;
  return {
    known: { ...known, state, holdings },
    decisions: namingRewritten(decisions, known.state, state),
    refused,
    apart,
  };
}

/** Hosts of which a birth has one text here, and another in the news, be it this host itself. */
function splitIn({ saves }: MailboxNews, { instances }: MailboxState): Set<HostId> {
  const isOther = ({ birth, guid }: MailboxNews['saves'][number]): boolean =>
    (instances.get(birthKey(birth))?.guid ?? guid) !== guid;
  return new Set(saves.filter(isOther).map(({ birth }) => birth.host));
}

/** News that no other news reaches beyond; of several the same one whatever their order. */
function pickNext(usable: readonly MailboxNews[]): MailboxNews | null {
  let best: MailboxNews | null = null;
  for (const each of usable) {
    if (best === null || (covers(each.clock, best.clock) && !covers(best.clock, each.clock))) best = each;
  }
  if (best === null) return null;
  // `best` may be incomparable with some: among those that nothing reaches beyond, take the first by sender and age.
  const newest = usable.filter(
    (one) => !usable.some((other) => covers(other.clock, one.clock) && !covers(one.clock, other.clock)),
  );
  return newest.reduce((a, b) => (compareNews(a, b) <= 0 ? a : b), newest[0] ?? best);
}

function compareNews(a: MailboxNews, b: MailboxNews): number {
  const order = compareStamps({ modseq: 0, host: a.from }, { modseq: 0, host: b.from });
  return order || a.highestModseq - b.highestModseq || b.saves.length - a.saves.length;
}

/** Throws `identity` for news that knows more of this host than it does itself. */
function refuseRollback(known: KnownMailbox, { clock, name, from }: MailboxNews, self: HostId): void {
  const mine = tickOf(known.state.clock, self);
  const theirs = tickOf(clock, self);
  if (theirs.serial <= mine.serial && theirs.modseq <= mine.modseq) return;
  throw new Failure(
    'identity',
    `merging mailbox ${name}: the peer ${from.slice(0, 8)} knows changes made by this host that its own catalog does not have; nothing was changed`,
    {
      hint: 'If the catalog was restored from a backup, or this host was cloned, "mrepl rejoin" makes it a host of its own, with the mail that is here. If it was neither, the peer is not to be trusted: "mrepl peers --json" has its name, and "mrepl peers revoke" puts an end to it.',
    },
  );
}

function strangeBase({ name }: MailboxNews): Failure {
  return new Failure('bundle-not-for-us', `merging mailbox ${name}: the bundle builds upon news that never came here`, {
    hint: 'Nothing to do: the next export says what this host has, and the sender then sends the rest.',
  });
}
