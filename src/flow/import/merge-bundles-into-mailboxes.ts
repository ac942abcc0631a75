import type { Bench } from '../../apply/context/run-context.js';
import { timeSeen } from '../../catalog/facts/elapsed-time-despite-clock-jumps.js';
import { eraOf } from '../../catalog/facts/uidvalidity-at-rejoin.js';
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
import type { Right } from '../../replica/peer-permission.js';
import { type Clock, coversTick, emptyClock, tickOf } from '../../replica/version-vector.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { Vouching } from './look-up-signatures-for-bundles.js';
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
  const self = bench.catalog.identity.hostId;
  const saidBefore = new Map(bench.catalog.peers().map((peer) => [peer.hostId, peer.told]));
  const byMailbox = new Map<MailboxName, { arrival: Arrival; news: MailboxNews }[]>();
  const senseless: { readonly mailbox: MailboxName; readonly trouble: Trouble }[] = [];
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
  const atS = bench.nowS();
  const seenS = timeSeen(bench.catalog, atS);
  const era = eraOf(bench.catalog);
  const joined = [...byMailbox].map(([mailbox, entries]) => {
    const waiting = entries.map(({ news }) => news);
    const before = barOldUids(
      bench.copy.get(mailbox),
      waiting.filter(({ from }) => rightOf(from) === 'full'),
      { self, era },
    );
    const toldBy = (host: HostId): Clock => saidBefore.get(host)?.get(mailbox) ?? emptyClock;
    const entryOf = new Map(entries.map((entry) => [entry.news, entry]));
    const vouched = (news: MailboxNews, host: HostId): Vouched => {
      const arrival = entryOf.get(news)?.arrival;
      return arrival === undefined ? 'word' : vouching(arrival, mailbox, host);
    };
    const outcome = joinByRight(before, waiting, { self, nowS: bench.nowS(), rightOf, toldBy, vouched });
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
  });

  const carried = carryMovedFlags(
    joined.map(({ before, outcome }) => ({ before, joined: outcome })),
    { self, load: (mailbox) => bench.copy.get(mailbox), placesOf: (mail) => bench.catalog.birthsOf(mail) },
  );
  const results = new Map<MailboxName, Omit<Merged, 'mailbox' | 'decisions'> & { decisions: Decision[] }>();
  for (const { news } of [...byMailbox.values()].flat()) {
    if (rightOf(news.from) !== 'read') bench.catalog.noteSpellings(news.spelling);
  }
  for (const { mailbox, outcome, refused, strange, trashed, risen } of joined) {
    const { withheld, doubted } = outcome;
    results.set(mailbox, {
      decisions: [...outcome.decisions],
      ...{ refused, strange, withheld, doubted, risen, trashed },
    });
    bench.copy.put(outcome.known);
  }
  for (const { known, decisions } of carried) {
    bench.copy.put(known);
    const result = results.get(known.state.name) ?? { ...nothingMerged, decisions: [] };
    results.set(known.state.name, result);
    for (const decision of decisions) result.decisions.push(decision);
  }
  for (const { mailbox, trouble } of senseless) {
    const result = results.get(mailbox) ?? { ...nothingMerged, decisions: [] };
    results.set(mailbox, { ...result, refused: [...result.refused, trouble] });
  }
  return [...results].map(([mailbox, { trashed, ...result }]) => {
    return { mailbox, ...result, trashed: trashed.filter((row) => !isMoved(bench, row)) };
  });
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
