import type { Bench } from '../../apply/context/run-context.js';
import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { eraOf } from '../../catalog/facts/uidvalidity-chosen-at-rejoin.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { barOldUids } from '../../merge/change/start-empty-as-new-host.js';
import { inadmissible } from '../../merge/join/check-news-against-state.js';
import type { Decision } from '../../merge/merge-decision.js';
import { carryMovedFlags } from '../../merge/observe/detect-moves.js';
import { joinByRight, type LimitedOutcome } from '../../merge/permission/join-by-permission.js';
import type { Vouched } from '../../merge/signed-changes/judge-how-far-changes-are-signed.js';
import { whySenseless } from '../../replica/check-news-soundness.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Right } from '../../replica/peer-permission.js';
import { type Clock, coversTick, emptyClock, tickOf } from '../../replica/version-vector.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { Vouching } from './how-far-bundles-are-believed.js';
import { type BundledNews, isMoved, trashedIn } from './messages-to-trash.js';

/** What the waiting bundles made of one mailbox. */
export type Merged = {
  readonly mailbox: MailboxName;
  readonly decisions: readonly Decision[];
  /** Bundles that could not be used for this mailbox. */
  readonly refused: readonly Trouble[];
  /** Peers with news that builds upon what never came here. */
  readonly strange: readonly HostId[];
  /** What is not done, because the peers that said it are limited. */
  readonly withheld: LimitedOutcome['withheld'];
  /** What says more of other hosts than these have signed, and of which. */
  readonly doubted: LimitedOutcome['doubted'];
  /** Hosts that more is believed of than before. */
  readonly risen: readonly HostId[];
  /** Messages that will go from the store because peers expunged them. */
  readonly trashed: readonly Trashed[];
};

export type MergeOptions = {
  readonly takes: (mailbox: MailboxName) => boolean;
  /**
   * Mailboxes that could not be looked at: what their users did there is not known, so that nothing can be merged with
   * it yet.
   */
  readonly unseen: ReadonlySet<MailboxName>;
  readonly rightOf: (host: HostId) => Right;
  readonly vouching: Vouching;
};

/**
 * Merges everything that has arrived, as far as its senders have a right to it, into the working copy: all bundles
 * first, then the flags of moved messages. UIDs come later, once it is known which texts are here. Throws `identity`
 * where a peer knows more of this host than it does itself.
 */
export function mergeArrivals(
  bench: Bench,
  arrivals: readonly Arrival[],
  { takes, unseen, rightOf, vouching }: MergeOptions,
): Merged[] {
  const { byMailbox, senseless } = newsByMailbox(arrivals, { takes, unseen });
  const join = joiner(bench, { rightOf, vouching });
  const joined = [...byMailbox].map(([mailbox, entries]) => join(mailbox, entries));
  const carried = carryMovedFlags(
    joined.map(({ before, outcome }) => ({ before, joined: outcome })),
    {
      self: bench.catalog.identity.hostId,
      load: (mailbox) => bench.copy.get(mailbox),
      placesOf: (mail) => bench.catalog.birthsOf(mail),
    },
  );
  for (const { news } of [...byMailbox.values()].flat()) {
    if (rightOf(news.from) !== 'read') bench.catalog.noteSpellings(news.spelling);
  }
  for (const { outcome } of joined) bench.copy.put(outcome.known);
  for (const { known } of carried) bench.copy.put(known);
  return resultsOf({ joined, carried, senseless }).map(({ trashed, ...result }) => {
    return { ...result, trashed: trashed.filter((row) => !isMoved(bench, row)) };
  });
}

type Entry = { readonly arrival: Arrival; readonly news: MailboxNews };

type Senseless = { readonly mailbox: MailboxName; readonly trouble: Trouble };

/** Sorts the news by mailboxes, without what is not asked for, cannot be merged now, or makes no sense. */
function newsByMailbox(
  arrivals: readonly Arrival[],
  { takes, unseen }: Pick<MergeOptions, 'takes' | 'unseen'>,
): { readonly byMailbox: ReadonlyMap<MailboxName, readonly Entry[]>; readonly senseless: readonly Senseless[] } {
  const byMailbox = new Map<MailboxName, Entry[]>();
  const senseless: Senseless[] = [];
  for (const arrival of arrivals) {
    for (const news of arrival.news) {
      if (!takes(news.name)) continue;
      if (unseen.has(news.name)) {
        arrival.miss(unseenMailbox(news.name, arrival.fileName));
        continue;
      }
      const why = whySenseless(news);
      if (why !== null) {
        const failure = inadmissible(news, why);
        arrival.miss(failure);
        senseless.push({ mailbox: news.name, trouble: { subject: arrival.fileName, failure } });
        continue;
      }
      const list = byMailbox.get(news.name) ?? [];
      byMailbox.set(news.name, list);
      list.push({ arrival, news });
    }
  }
  return { byMailbox, senseless };
}

/** What the news of one mailbox comes to, before flags are carried over from elsewhere and anything is put. */
type Joined = Pick<Merged, 'mailbox' | 'refused' | 'strange' | 'trashed' | 'risen'> & {
  readonly before: KnownMailbox;
  readonly outcome: LimitedOutcome;
};

/** Joins the news of one mailbox after the other with what is known of it, and tells each bundle what was not taken. */
function joiner(
  bench: Bench,
  { rightOf, vouching }: Pick<MergeOptions, 'rightOf' | 'vouching'>,
): (mailbox: MailboxName, entries: readonly Entry[]) => Joined {
  const { catalog, copy, nowS } = bench;
  const self = catalog.identity.hostId;
  const saidBefore = new Map(catalog.peers().map((peer) => [peer.hostId, peer.told]));
  const atS = nowS();
  const seenS = timeSeen(catalog, atS);
  const era = eraOf(catalog);
  return (mailbox, entries) => {
    const waiting = entries.map(({ news }) => news);
    const before = barOldUids(
      copy.get(mailbox),
      waiting.filter(({ from }) => rightOf(from) === 'full'),
      { self, era },
    );
    const toldBy = (host: HostId): Clock => saidBefore.get(host)?.get(mailbox) ?? emptyClock;
    const entryOf = new Map(entries.map((entry) => [entry.news, entry]));
    const vouched = (news: MailboxNews, host: HostId): Vouched => {
      const arrival = entryOf.get(news)?.arrival;
      return arrival === undefined ? 'word' : vouching(arrival, mailbox, host);
    };
    const outcome = joinByRight(before, waiting, { self, nowS: nowS(), rightOf, toldBy, vouched });
    for (const { news } of outcome.doubted) entryOf.get(news)?.arrival.doubt();
    for (const news of outcome.untaken) entryOf.get(news)?.arrival.withhold();
    const refused: Trouble[] = outcome.refused.map(({ news, failure }) => {
      const entry = entryOf.get(news);
      entry?.arrival.miss(failure);
      return { subject: entry?.arrival.fileName ?? mailbox, failure };
    });
    const told = entries.map(bundledNews);
    const trashed = trashedIn(before, outcome.decisions, { told, atS, seenS });
    const risen = [...outcome.known.state.clock.keys()].filter(
      (host) => !coversTick(tickOf(before.state.clock, host), tickOf(outcome.known.state.clock, host)),
    );
    const strange = outcome.refused.flatMap(({ news, failure }) =>
      failure.code === 'bundle-not-for-us' ? [news.from] : [],
    );
    return { mailbox, before, outcome, refused, strange, trashed, risen };
  };
}

/** What became of each mailbox, the flags included that were carried to it. */
function resultsOf({
  joined,
  carried,
  senseless,
}: {
  readonly joined: readonly Joined[];
  readonly carried: ReturnType<typeof carryMovedFlags>;
  readonly senseless: readonly Senseless[];
}): Merged[] {
  const results = new Map<MailboxName, Merged>();
  const resultFor = (mailbox: MailboxName): Merged => results.get(mailbox) ?? { ...nothingMerged, mailbox };
  for (const { mailbox, outcome, refused, strange, trashed, risen } of joined) {
    const { decisions, withheld, doubted } = outcome;
    results.set(mailbox, { mailbox, decisions, refused, strange, withheld, doubted, risen, trashed });
  }
  for (const { known, decisions } of carried) {
    const result = resultFor(known.state.name);
    results.set(known.state.name, { ...result, decisions: [...result.decisions, ...decisions] });
  }
  for (const { mailbox, trouble } of senseless) {
    const result = resultFor(mailbox);
    results.set(mailbox, { ...result, refused: [...result.refused, trouble] });
  }
  return [...results.values()];
}

/** What no bundle said anything about. */
export const nothingMerged: Omit<Merged, 'mailbox'> = {
  decisions: [],
  refused: [],
  strange: [],
  withheld: [],
  doubted: [],
  risen: [],
  trashed: [],
};

function unseenMailbox(mailbox: MailboxName, fileName: string): Failure {
  return new Failure(
    'io',
    `importing ${fileName}: ${mailbox} could not be looked at, so that nothing was taken for it`,
    {
      hint: 'Run the same command again when it can be read: the rest was taken, and this waits.',
    },
  );
}

function bundledNews({ arrival, news }: { readonly arrival: Arrival; readonly news: MailboxNews }): BundledNews {
  const { fileName, preamble } = arrival;
  return { news, bundle: { fileName, number: preamble?.number ?? 0 } };
}
