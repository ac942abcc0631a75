import { busiestUid } from './find-uid-conflicts.js';
import type { HostId } from './host-id.js';
import { livingOf } from './living-births-by-host.js';
import type { MailboxNews } from './mailbox-news.js';
import type { MailboxState } from './mailbox-state.js';
import { formatRanges, normaliseRanges, type Range } from './number-ranges.js';
import { ledgerEntriesMax, mailboxTextBytesMax, uidAgreementsMax, uidLabelsMax } from './replica-limits.js';
import { joinLedgers, type Ledger } from './uid-ledger.js';
import { coversBirth } from './version-vector.js';

/** Bytes of a ledger's entry, and of a range of serials, that are never more. */
const entryBytesMax = 128;
const rangeBytesMax = 40;

/**
 * Why the mailbox would grow beyond what this host could ever send again, or look through in reasonable time, if the
 * news were merged; null where it would not. Small mailboxes cost nothing here.
 */
export function whyExcessive(news: MailboxNews, state: MailboxState): string | null {
  const entries = entriesOf(state.ledger) + entriesOf(news.ledger);
  let ledger: Ledger | null = null;
  if (entries > uidLabelsMax) {
    ledger = joinLedgers(state.ledger, news.ledger);
    if (entriesOf(ledger) > ledgerEntriesMax) return `it has more than ${ledgerEntriesMax} claims of UIDs`;
    const { labels, agreements } = busiestUid(ledger);
    if (labels > uidLabelsMax) return `it has more than ${uidLabelsMax} claims of one UID`;
    if (agreements > uidAgreementsMax) return `it has more than ${uidAgreementsMax} agreements about one UID`;
  }
  const ranges = state.instances.size + [...news.living.values()].reduce((sum, list) => sum + list.length, 0);
  if (entries * entryBytesMax + ranges * rangeBytesMax <= mailboxTextBytesMax) return null;
  const bytes = entriesOf(ledger ?? news.ledger) * entryBytesMax + livingBytes(news, state);
  return bytes > mailboxTextBytesMax ? 'its lists are longer than a bundle could hold' : null;
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
