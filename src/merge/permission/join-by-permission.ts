import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Right } from '../../replica/peer-permission.js';
import { type Clock, covers, coversTick, joinClocks, tickOf, zeroTick } from '../../replica/version-vector.js';
import { type JoinOutcome, join } from '../join/join-news-of-all-bundles.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import type { Vouched } from '../signed-changes/judge-how-far-changes-are-signed.js';
import { believable } from '../signed-changes/trim-unsigned-changes.js';
import { clockOf } from './news-without-unknown-hosts.js';
import { asTold, type RestrictContext, restrict } from './restrict-news-to-new-mail.js';
import { type Withheld, withheldOf } from './withheld-changes.js';

type RightsContext = Pick<RestrictContext, 'self' | 'nowS'> & {
  readonly rightOf: (host: HostId) => Right;
  /** What a limited peer has said of this mailbox before: its later news builds upon that, taken or not. */
  readonly toldBy: (host: HostId) => Clock;
  /** How far what news says of a host's deeds is to be believed (`vouchedFor`). */
  readonly vouched: (news: MailboxNews, host: HostId) => Vouched;
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
  /**
   * News that says more of other hosts than they have signed, as far as its sender shows, or in which births of a host
   * are other messages than here; all else of it was used.
   */
  readonly doubted: readonly {
    readonly news: MailboxNews;
    readonly beyond: readonly HostId[];
    readonly apart: readonly HostId[];
  }[];
};

/**
 * Merges what waits for one mailbox, as far as each sender has a right to it: what comes of peers with every right
 * first, then the new mail of those that may append. The order in which the news is given has no effect. Throws
 * `identity` as `join` does, where a peer of whatever right shows that this host has signed more than it knows; its
 * bare word does not count.
 */
export function joinByRight(
  before: KnownMailbox,
  told: readonly MailboxNews[],
  context: RightsContext,
  rules: Rules = everyRule,
): LimitedOutcome {
  const originals = new Map<MailboxNews, MailboxNews>();
  const doubted: LimitedOutcome['doubted'][number][] = [];
  for (const each of told) {
    const { news, beyond, apart } = believable(each, before.state, (host) => context.vouched(each, host), rules);
    originals.set(news, each);
    if (beyond.length + apart.length > 0) doubted.push({ news: each, beyond, apart });
  }
  const outcome = joinBelieved(before, [...originals.keys()], context, rules);
  const original = (news: MailboxNews): MailboxNews => originals.get(news) ?? news;
  return {
    ...outcome,
    refused: outcome.refused.map(({ news, failure }) => ({ news: original(news), failure })),
    untaken: outcome.untaken.map(original),
    apart: [],
    doubted: [
      ...doubted,
      ...outcome.apart.map(({ news, hosts }) => ({ news: original(news), beyond: [], apart: hosts })),
    ],
  };
}

function joinBelieved(
  before: KnownMailbox,
  news: readonly MailboxNews[],
  { self, nowS, rightOf, toldBy }: RightsContext,
  rules: Rules,
): Omit<LimitedOutcome, 'doubted'> {
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
  const apart = [...outcome.apart];
  const withheld: LimitedOutcome['withheld'][number][] = [];
  for (const from of [...limited.keys()].sort()) {
    const told = toldBy(from);
    const basis = asTold(known, told);
    const unknownTo = new Map<MailboxNews, ReadonlySet<HostId>>();
    const original = new Map<MailboxNews, MailboxNews>();
    const theirs = (limited.get(from) ?? []).map((each) => {
      const strange = strangeIn(each, basis.state);
      const upon = uponKnown(each, basis.state, strange, rules);
      unknownTo.set(upon, strange);
      original.set(upon, each);
      return upon;
    });
    const whole = join(basis, theirs, self, rules);
    for (const { news, failure } of whole.refused) {
      // Of one that may only read nothing is missed.
      if (rightOf(from) === 'read' && failure.code === 'bundle-not-for-us') continue;
      refused.push({ news: original.get(news) ?? news, failure });
    }
    for (const one of whole.apart) apart.push({ ...one, news: original.get(one.news) ?? one.news });
    const apartIn = new Map(whole.apart.map((one) => [one.news, new Set(one.hosts)]));
    const withoutApart = (each: MailboxNews): MailboxNews => {
      const hosts = apartIn.get(each);
      if (hosts === undefined) return each;
      return believable(each, basis.state, (host) => (hosts.has(host) ? 'apart' : 'word'), rules).news;
    };
    // What a peer with every right could not say, one that may only append cannot either.
    const sound = theirs.filter((each) => whole.refused.every((other) => other.news !== each));
    const said = sound.map(withoutApart);
    const mail = rightOf(from) === 'append' ? restrict(known, said, { self, nowS, told }, rules) : null;
    const taken = mail === null ? { known, decisions: [] } : join(known, [mail], self, rules);
    known = taken.known;
    for (const decision of taken.decisions) decisions.push(decision);
    withheld.push({
      from,
      counts: withheldOf(whole.decisions, taken.decisions),
      told: sound.reduce((all, each) => {
        const { clock } = original.get(each) ?? each;
        return joinClocks(
          all,
          clockOf(clock, (host) => unknownTo.get(each)?.has(host) !== true && apartIn.get(each)?.has(host) !== true),
        );
      }, told),
    });
  }
  const isRefused = new Set(refused.map((each) => each.news));
  const untaken = news.filter((each) => !isRefused.has(each) && !covers(known.state.clock, each.clock));
  return { known, decisions, refused, apart, withheld, untaken };
}

/** Hosts other than its sender of which the news builds upon more than is known. */
function strangeIn({ base, from }: MailboxNews, { clock }: MailboxState): ReadonlySet<HostId> {
  return new Set(
    [...base].flatMap(([host, tick]) => (host === from || coversTick(tickOf(clock, host), tick) ? [] : [host])),
  );
}

/** Nothing that a limited peer says of others is taken, so that nobody has to know what it builds upon there. */
function uponKnown(news: MailboxNews, state: MailboxState, strange: ReadonlySet<HostId>, rules: Rules): MailboxNews {
  if (strange.size === 0) return news;
  return believable(news, state, (host) => (strange.has(host) ? zeroTick : 'word'), rules).news;
}
