import { busiestUid } from './find-uid-conflicts.js';
import type { HostId } from './host-id.js';
import { livingOf } from './living-births-by-host.js';
import type { MailboxNews } from './mailbox-news.js';
import { blankMailbox, type MailboxState } from './mailbox-state.js';
import { formatRanges, normaliseRanges, type Range } from './number-ranges.js';
import {
  ledgerEntriesMax,
  mailboxTextBytesMax,
  ownAgreementsRoom,
  ownEntriesRoom,
  ownLabelsRoom,
  ownTextBytesRoom,
  uidAgreementsMax,
  uidLabelsMax,
} from './replica-limits.js';
import { emptyLedger, joinLedgers, type Ledger } from './uid-ledger.js';
import { coversBirth } from './version-vector.js';

/** Bytes of a ledger's entry, and of a range of serials, that are never more. */
const entryBytesMax = 128;
const rangeBytesMax = 40;

/** What a mailbox may come to; each inclusive. */
type Limits = {
  readonly entries: number;
  readonly labels: number;
  readonly agreements: number;
  readonly textBytes: number;
};

const ofBundle: Limits = {
  entries: ledgerEntriesMax,
  labels: uidLabelsMax,
  agreements: uidAgreementsMax,
  textBytes: mailboxTextBytesMax,
};

const ofMerge: Limits = {
  entries: ledgerEntriesMax - ownEntriesRoom,
  labels: uidLabelsMax - ownLabelsRoom,
  agreements: uidAgreementsMax - ownAgreementsRoom,
  textBytes: mailboxTextBytesMax - ownTextBytesRoom,
};

/**
 * Why the news is of a mailbox that is larger than one may be; null where it is not. Small mailboxes cost nothing here.
 */
export function whyExcessive(news: MailboxNews): string | null {
  return whyBeyond(ofBundle, news, blankMailbox(news.name));
}

/**
 * Why what lives would be more than this host could ever send again, if the news were merged; null where it would not.
 */
export function whyTooMuchLives(news: MailboxNews, state: MailboxState): string | null {
  const ranges = rangesIn(news, state);
  if (ranges * rangeBytesMax <= mailboxTextBytesMax) return null;
  return livingBytes(news, state) > mailboxTextBytesMax ? tooLong : null;
}

/**
 * The news with those claims and agreements about UIDs for which there is room beside what is known: all of them, or
 * those that name the sender itself, or none. Its UIDNEXT stands in any case, so that no UID is given out again. Who
 * plants claims keeps nobody from being heard by that. The very object that was given where all are taken.
 */
export function withRoomForClaims(news: MailboxNews, state: MailboxState): MailboxNews {
  if (whyBeyond(ofMerge, news, state) === null) return news;
  const { claims, agreements } = news.ledger;
  const own: MailboxNews = {
    ...news,
    ledger: {
      claims: claims.filter(({ label }) => label === news.from),
      agreements: agreements.filter(({ a, b }) => a === news.from || b === news.from),
    },
  };
  return whyBeyond(ofMerge, own, state) === null ? own : { ...news, ledger: emptyLedger };
}

const tooLong = 'its lists are longer than a bundle could hold';

function whyBeyond(limits: Limits, news: MailboxNews, state: MailboxState): string | null {
  const entries = entriesOf(state.ledger) + entriesOf(news.ledger);
  let ledger: Ledger | null = null;
  if (entries > limits.labels) {
    ledger = joinLedgers(state.ledger, news.ledger);
    if (entriesOf(ledger) > limits.entries) return `it has more than ${limits.entries} claims of UIDs`;
    const { labels, agreements } = busiestUid(ledger);
    if (labels > limits.labels) return `it has more than ${limits.labels} claims of one UID`;
    if (agreements > limits.agreements) return `it has more than ${limits.agreements} agreements about one UID`;
  }
  if (entries * entryBytesMax + rangesIn(news, state) * rangeBytesMax <= limits.textBytes) return null;
  const bytes = entriesOf(ledger ?? news.ledger) * entryBytesMax + livingBytes(news, state);
  return bytes > limits.textBytes ? tooLong : null;
}

function rangesIn(news: MailboxNews, state: MailboxState): number {
  return state.instances.size + [...news.living.values()].reduce((sum, list) => sum + list.length, 0);
}

function entriesOf({ claims, agreements }: Ledger): number {
  return claims.length + agreements.length;
}

/** What lives on either side. */
function livingBytes(news: MailboxNews, { instances }: MailboxState): number {
  const unknown = [...instances.values()].filter(({ birth }) => !coversBirth(news.clock, birth));
  const all = new Map<HostId, Range[]>();
  for (const living of [news.living, livingOf(unknown)]) {
    for (const [host, ranges] of living) all.set(host, [...(all.get(host) ?? []), ...ranges]);
  }
  return [...all.values()].reduce((sum, ranges) => sum + formatRanges(normaliseRanges(ranges)).length, 0);
}
