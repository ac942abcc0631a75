import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
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
import type { BirthKey } from '../../replica/message-birth.js';
import type { Right } from '../../replica/peer-permission.js';
import { type Clock, coversTick, tickOf } from '../../replica/version-vector.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { ToldSpellings } from '../peers/keyword-spellings-of-peers.js';
import type { Vouching } from './how-far-bundles-are-believed.js';
import { type BundledNews, trashedIn, withoutMoved } from './messages-to-trash.js';

/**
 * What is the case before bundles are merged. Lookups are functions, so that no more mailboxes are loaded than the
 * bundles tell of; nothing that they look at changes before the plan is made.
 */
export type MergeSituation = {
  readonly self: HostId;
  readonly arrivals: readonly Arrival[];
  /** Mailboxes that the user asks for. */
  readonly takes: (mailbox: MailboxName) => boolean;
  /**
   * Mailboxes that could not be looked at: what their users did there is not known, so that nothing can be merged with
   * it yet.
   */
  readonly unseen: ReadonlySet<MailboxName>;
  readonly rightOf: (host: HostId) => Right;
  readonly vouching: Vouching;
  /** What a limited peer has said of a mailbox before. */
  readonly toldBy: (host: HostId, mailbox: MailboxName) => Clock;
  readonly mailboxOf: (mailbox: MailboxName) => KnownMailbox;
  /** Where there are messages of a mail. */
  readonly placesOf: (mail: TextId) => readonly { readonly mailbox: MailboxName; readonly birth: BirthKey }[];
  /** See `eraOf`. */
  readonly era: number | null;
  readonly nowS: number;
  /** How much time runs have seen to pass here, in seconds. */
  readonly seenS: number;
};

/** What the waiting bundles make of one mailbox. */
export type MergedMailbox = {
  readonly mailbox: MailboxName;
  /** What is to be known of it. */
  readonly known: KnownMailbox;
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

/** Why something of a bundle is not used: see `Arrival`. */
export type UnusedPart =
  | { readonly arrival: Arrival; readonly why: 'missed'; readonly failure: Failure }
  | { readonly arrival: Arrival; readonly why: 'withheld' | 'doubted' };

/**
 * What rules 1 to 5 make of everything that has arrived, and the flags of moved messages (mrepl-sync(7), THE RULES).
 */
export type MergePlan = {
  readonly mailboxes: readonly MergedMailbox[];
  readonly unusedParts: readonly UnusedPart[];
  /** How keywords are spelt by peers that may change something here. */
  readonly spellings: readonly ToldSpellings[];
};

/**
 * Merges everything that has arrived, as far as its senders have a right to it and are believed: all bundles first,
 * then the flags of moved messages. UIDs come later, once it is known which texts are here. It changes nothing, and
 * depends on nothing but what it is given. Throws `identity` where a peer knows more of this host than it does itself.
 */
export function planMerge(situation: MergeSituation): MergePlan {
  const { self, rightOf, mailboxOf, placesOf } = situation;
  const { byMailbox, senseless, missed } = newsByMailbox(situation);
  const joined = [...byMailbox].map(([mailbox, entries]) => joinMailbox(situation, mailbox, entries));
  const carried = carryMovedFlags(
    joined.map(({ before, outcome }) => ({ before, joined: outcome })),
    { self, load: mailboxOf, placesOf },
  );
  const merged = resultsOf(situation, { joined, carried, senseless });
  const after = new Map(merged.map(({ mailbox, known }) => [mailbox, known]));
  const told = [...byMailbox.values()].flat();
  return {
    mailboxes: merged.map((one) => ({ ...one, trashed: withoutMoved(one.trashed, after, situation) })),
    unusedParts: [...missed, ...joined.flatMap((one) => one.unusedParts)],
    spellings: told.flatMap(({ news }) => (rightOf(news.from) === 'read' ? [] : [news])),
  };
}

type Entry = { readonly arrival: Arrival; readonly news: MailboxNews };

type Senseless = { readonly mailbox: MailboxName; readonly trouble: Trouble };

/** Sorts the news by mailboxes, without what is not asked for, cannot be merged now, or makes no sense. */
function newsByMailbox({ arrivals, takes, unseen }: Pick<MergeSituation, 'arrivals' | 'takes' | 'unseen'>): {
  readonly byMailbox: ReadonlyMap<MailboxName, readonly Entry[]>;
  readonly senseless: readonly Senseless[];
  readonly missed: readonly UnusedPart[];
} {
  const byMailbox = new Map<MailboxName, Entry[]>();
  const senseless: Senseless[] = [];
  const missed: UnusedPart[] = [];
  for (const arrival of arrivals) {
    for (const news of arrival.news) {
      if (!takes(news.name)) continue;
      if (unseen.has(news.name)) {
        missed.push({ arrival, why: 'missed', failure: unseenMailbox(news.name, arrival.fileName) });
        continue;
      }
      const why = whySenseless(news);
      if (why !== null) {
        const failure = inadmissible(news, why);
        missed.push({ arrival, why: 'missed', failure });
        senseless.push({ mailbox: news.name, trouble: { subject: arrival.fileName, failure } });
        continue;
      }
      const list = byMailbox.get(news.name) ?? [];
      byMailbox.set(news.name, list);
      list.push({ arrival, news });
    }
  }
  return { byMailbox, senseless, missed };
}

/** What the news of one mailbox comes to, before flags are carried over from elsewhere. */
type Joined = Pick<MergedMailbox, 'mailbox' | 'refused' | 'strange' | 'trashed' | 'risen'> & {
  readonly before: KnownMailbox;
  readonly outcome: LimitedOutcome;
  readonly unusedParts: readonly UnusedPart[];
};

/** Joins the news of one mailbox with what is known of it. */
function joinMailbox(situation: MergeSituation, mailbox: MailboxName, entries: readonly Entry[]): Joined {
  const { self, rightOf, vouching, toldBy, mailboxOf, era, nowS, seenS } = situation;
  const waiting = entries.map(({ news }) => news);
  const before = barOldUids(
    mailboxOf(mailbox),
    waiting.filter(({ from }) => rightOf(from) === 'full'),
    { self, era },
  );
  const arrivalOf = new Map(entries.map(({ news, arrival }) => [news, arrival]));
  const vouched = (news: MailboxNews, host: HostId): Vouched => {
    const arrival = arrivalOf.get(news);
    return arrival === undefined ? 'word' : vouching(arrival, mailbox, host);
  };
  const outcome = joinByRight(before, waiting, {
    ...{ self, nowS, rightOf, vouched },
    toldBy: (host) => toldBy(host, mailbox),
  });
  const part = (news: MailboxNews, why: 'withheld' | 'doubted'): UnusedPart[] => {
    const arrival = arrivalOf.get(news);
    return arrival === undefined ? [] : [{ arrival, why }];
  };
  const refused: Trouble[] = outcome.refused.map(({ news, failure }) => {
    return { subject: arrivalOf.get(news)?.fileName ?? mailbox, failure };
  });
  const missed = outcome.refused.flatMap(({ news, failure }): UnusedPart[] => {
    const arrival = arrivalOf.get(news);
    return arrival === undefined ? [] : [{ arrival, why: 'missed', failure }];
  });
  const told = entries.map(bundledNews);
  const trashed = trashedIn(before, outcome.decisions, { told, atS: nowS, seenS });
  const risen = [...outcome.known.state.clock.keys()].filter(
    (host) => !coversTick(tickOf(before.state.clock, host), tickOf(outcome.known.state.clock, host)),
  );
  const strange = outcome.refused.flatMap(({ news, failure }) =>
    failure.code === 'bundle-not-for-us' ? [news.from] : [],
  );
  const doubted = outcome.doubted.flatMap(({ news }) => part(news, 'doubted'));
  const withheld = outcome.untaken.flatMap((news) => part(news, 'withheld'));
  const unusedParts = [...doubted, ...withheld, ...missed];
  return { mailbox, before, outcome, refused, strange, trashed, risen, unusedParts };
}

/** What became of each mailbox, the flags included that were carried to it. */
function resultsOf(
  { mailboxOf }: Pick<MergeSituation, 'mailboxOf'>,
  {
    joined,
    carried,
    senseless,
  }: {
    readonly joined: readonly Joined[];
    readonly carried: ReturnType<typeof carryMovedFlags>;
    readonly senseless: readonly Senseless[];
  },
): MergedMailbox[] {
  const results = new Map<MailboxName, MergedMailbox>();
  const resultFor = (mailbox: MailboxName): MergedMailbox => results.get(mailbox) ?? nothingMerged(mailboxOf(mailbox));
  for (const { mailbox, outcome, refused, strange, trashed, risen } of joined) {
    const { known, decisions, withheld, doubted } = outcome;
    results.set(mailbox, { mailbox, known, decisions, refused, strange, withheld, doubted, risen, trashed });
  }
  for (const { known, decisions } of carried) {
    const result = resultFor(known.state.name);
    results.set(known.state.name, { ...result, known, decisions: [...result.decisions, ...decisions] });
  }
  for (const { mailbox, trouble } of senseless) {
    const result = resultFor(mailbox);
    results.set(mailbox, { ...result, refused: [...result.refused, trouble] });
  }
  return [...results.values()];
}

/** A mailbox that no bundle said anything about. */
export function nothingMerged(known: KnownMailbox): MergedMailbox {
  const none = { decisions: [], refused: [], strange: [], withheld: [], doubted: [], risen: [], trashed: [] };
  return { mailbox: known.state.name, known, ...none };
}

function unseenMailbox(mailbox: MailboxName, fileName: string): Failure {
  return new Failure('io', `importing ${fileName}: ${mailbox} could not be looked at, so nothing was taken for it`, {
    hint: 'Run the same command again when it can be read: the rest was taken, and this waits.',
  });
}

function bundledNews({ arrival, news }: { readonly arrival: Arrival; readonly news: MailboxNews }): BundledNews {
  const { fileName, preamble } = arrival;
  return { news, bundle: { fileName, number: preamble?.number ?? 0 } };
}
