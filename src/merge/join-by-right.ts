import { type Clock, covers, joinClocks } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { MailboxNews } from '../replica/news.js';
import type { Right } from '../replica/right.js';
import { type JoinOutcome, join } from './join.js';
import { asTold, type RestrictContext, restrict } from './restrict.js';
import { everyRule, type Rules } from './rules.js';
import { type Withheld, withheldOf } from './withheld.js';

export type RightsContext = Pick<RestrictContext, 'self' | 'nowS'> & {
  readonly rightOf: (host: HostId) => Right;
  /** What a limited peer has said of this mailbox before: its later news builds upon that, taken or not. */
  readonly toldBy: (host: HostId) => Clock;
};

export type LimitedOutcome = JoinOutcome & {
  /** For each limited peer, in the order of host ids. */
  readonly withheld: readonly {
    readonly from: HostId;
    readonly counts: Withheld;
    /** What it has said of this mailbox, with what it said now. */
    readonly told: Clock;
  }[];
  /** News that still says something this host does not know, though nothing was wrong with it. */
  readonly untaken: readonly MailboxNews[];
};

/**
 * Merges what waits for one mailbox, as far as each sender has a right to it: what comes of peers with every right first, then the
 * new mail of those that may append. The order in which the news is given has no effect. Throws `identity` as `join` does, whatever
 * the right of the peer that knows better.
 */
export function joinByRight(
  before: KnownMailbox,
  news: readonly MailboxNews[],
  { self, nowS, rightOf, toldBy }: RightsContext,
  rules: Rules = everyRule,
): LimitedOutcome {
  const limited = new Map<HostId, MailboxNews[]>();
  const unlimited: MailboxNews[] = [];
  for (const each of news) {
    if (rightOf(each.from) === 'full') unlimited.push(each);
    else {
      const theirs = limited.get(each.from) ?? [];
      theirs.push(each);
      limited.set(each.from, theirs);
    }
  }
  const outcome = join(before, unlimited, self, rules);
  let { known } = outcome;
  const decisions = [...outcome.decisions];
  const refused = [...outcome.refused];
  const withheld: LimitedOutcome['withheld'][number][] = [];
  for (const from of [...limited.keys()].sort()) {
    const theirs = limited.get(from) ?? [];
    const told = toldBy(from);
    const whole = join(asTold(known, told), theirs, self, rules);
    for (const one of whole.refused) refused.push(one);
    // What a peer with every right could not say, one that may only append cannot either.
    const sound = theirs.filter((each) => whole.refused.every((other) => other.news !== each));
    const mail = rightOf(from) === 'append' ? restrict(known, sound, { self, nowS, told }, rules) : null;
    const taken = mail === null ? { known, decisions: [] } : join(known, [mail], self, rules);
    known = taken.known;
    for (const decision of taken.decisions) decisions.push(decision);
    withheld.push({
      from,
      counts: withheldOf(whole.decisions, taken.decisions),
      told: sound.reduce((all, { clock }) => joinClocks(all, clock), told),
    });
  }
  const isRefused = new Set(refused.map((each) => each.news));
  const untaken = news.filter((each) => !isRefused.has(each) && !covers(known.state.clock, each.clock));
  return { known, decisions, refused, withheld, untaken };
}
