import { hostsIn } from '../../src/bundle/format/host-table-json.js';
import { decodeRecords, encodeRecords } from '../../src/bundle/format/records-json.js';
import { type JoinOutcome, join } from '../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../src/merge/send/news-since.js';
import type { HostId } from '../../src/replica/host-id.js';
import type { Stamp } from '../../src/replica/last-writer-registers.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { type KnownMailbox, unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../src/replica/message-birth.js';
import { inRanges } from '../../src/replica/number-ranges.js';
import { isCounter, isUid, uidMax } from '../../src/replica/replica-limits.js';
import { coversBirth, emptyClock } from '../../src/replica/version-vector.js';
import { preambleOf } from '../bundle/sample.js';

/** A host that nobody ever heard of. */
const newcomer = '9'.repeat(32);

/** What is wrong with a mailbox as it is after a merge and the renumbering; null where it can be lived with. */
export function complaintAbout({ state }: KnownMailbox): string | null {
  const { clock, highestModseq, validity, uidNext, instances } = state;
  const isKnown = ({ modseq }: Stamp): boolean => modseq <= highestModseq; // registers of a part may be ahead of the clock
  if (!isCounter(highestModseq) || !isCounter(highestModseq + 1))
    return `modseq ${highestModseq} cannot be counted on from`;
  for (const [host, { serial, modseq }] of clock) {
    if (!isCounter(serial) || !isCounter(serial + 1) || modseq > highestModseq) return `the clock of ${host} is wrong`;
  }
  if (!isCounter(uidNext) || uidNext < 1 || uidNext > uidMax + 1) return `UIDNEXT is ${uidNext}`;
  if (!isKnown(state.exists) || !isKnown(state.subscribed)) return 'the mailbox is more than its clock knows';
  const uids = new Set<number>();
  for (const [key, { birth, modseq, uid, flags }] of instances) {
    if (key !== birthKey(birth)) return `${key} is filed under another name`;
    if (!coversBirth(clock, birth) || !isKnown({ modseq, host: birth.host })) return `the clock does not know ${key}`;
    if (![uid, ...flags.values()].every(isKnown)) return `the clock does not know all of ${key}`;
    if (!isUid(uid.uid) || !isCounter(uid.round + 1)) return `${key} has UID ${uid.uid}, round ${uid.round}`;
    if (uid.uidValidity !== validity?.uidValidity) return `${key} has a UID in another UIDVALIDITY`;
    if (uid.uid >= uidNext) return `${key} has UID ${uid.uid}, and UIDNEXT is ${uidNext}`;
    if (uids.has(uid.uid)) return `UID ${uid.uid} stands twice`;
    uids.add(uid.uid);
  }
  return null;
}

/** What a host that hears of nobody else would hold against this mailbox. */
export function complaintOfNewcomer({ state }: KnownMailbox, self: HostId): string | null {
  const news = diff(state, emptyClock, self);
  const hosts = hostsIn(preambleOf([news]), [news]);
  const read = decodeRecords(encodeRecords(news, hosts), { from: self, hosts, fileName: 'records' });
  const { refused, known } = join(unknownMailbox(state.name), [read], newcomer);
  const [first] = refused;
  // Counts have an end: who was made to believe the highest has counted beyond it since.
  if (first?.failure.message.includes('far beyond anything seen')) return null;
  if (first !== undefined) return `a newcomer says: ${first.failure.message}`;
  return known.state.instances.size === state.instances.size ? null : 'a newcomer gets other messages';
}

/** Messages that were there before and are not now, though nobody said that they were expunged, and nothing took their place. */
export function lostMessages(
  before: KnownMailbox,
  after: KnownMailbox,
  news: readonly MailboxNews[],
): readonly string[] {
  const guids = new Map<string, number>();
  for (const { guid } of after.state.instances.values()) guids.set(guid, (guids.get(guid) ?? 0) + 1);
  return [...before.state.instances].flatMap(([key, { birth, guid }]) => {
    if (after.state.instances.has(key) || guids.has(guid)) return [];
    const isExpunged = news.some(
      ({ clock, living }) => coversBirth(clock, birth) && !inRanges(living.get(birth.host) ?? [], birth.serial),
    );
    return isExpunged ? [] : [key];
  });
}

/** Messages that the news speaks of as living, that this host now says it knows, and that are not there. */
export function missedBirths(before: KnownMailbox, after: JoinOutcome, { living }: MailboxNews): readonly string[] {
  const { state } = after.known;
  const unified = new Set(after.decisions.flatMap((one) => (one.kind === 'unified' ? [birthKey(one.dropped)] : [])));
  return [...living].flatMap(([host, ranges]) =>
    ranges.flatMap(([lo, hi]) => {
      const serials = Array.from({ length: Math.min(hi - lo + 1, serialsLookedAt) }, (_, index) => lo + index);
      return serials.flatMap((serial) => {
        const birth = { host, serial };
        const key = birthKey(birth);
        const isMissed = coversBirth(state.clock, birth) && !state.instances.has(key) && !unified.has(key);
        return isMissed && !coversBirth(before.state.clock, birth) ? [key] : [];
      });
    }),
  );
}

/** Of a range that somebody made up. */
const serialsLookedAt = 50;
