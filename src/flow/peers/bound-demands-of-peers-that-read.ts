import { demandsOf, putDemands } from '../../catalog/facts/peers/counted-of-each-peer.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { inRanges, normaliseRanges, type Ranges } from '../../replica/number-ranges.js';
import { type Clock, covers, emptyClock, joinClocks } from '../../replica/version-vector.js';

// A peer that may only read has everything said to it that it says it lacks, and every text sent that it asks for, in
// bundles that all others read, too. So what it says is bounded by what an honest one could come to need.

/** A period, in seconds: then all is counted from the beginning. */
const periodS = 30 * 24 * 3600;

/**
 * So often in a period it may say that it has less than it said before. Inclusive. An honest host does when it finds
 * out that another told two stories, and when its user revokes one or changes a right.
 */
export const lessesMax = 8;

/** Texts that it may ask for in a period: as many as there are messages here, twice, and so many. Inclusive. */
export const askedTextsMax = 10_000;

type Said = Pick<Peer, 'clocks' | 'heard' | 'wanted'>;

/**
 * What is remembered of what such a peer said now, in the open transaction: all of it, or within these bounds.
 * `before`: what was remembered of it.
 */
export function withinDemands(
  catalog: MailboxCatalog & FactCatalog,
  { before, said, nowS }: { readonly before: Peer; readonly said: Said; readonly nowS: number },
): Said {
  const noted = demandsOf(catalog, before.hostId);
  const isOver = noted === null || nowS < noted.sinceS || nowS - noted.sinceS > periodS;
  const { sinceS, lesses, texts } = isOver ? { sinceS: nowS, lesses: 0, texts: 0 } : noted;
  const isLess = saysLess(before, said);
  const isHeld = isLess && lesses >= lessesMax;
  const messages = catalog.summaries().reduce((sum, summary) => sum + summary.messages, 0);
  const asked = [...said.wanted].filter((guid) => !before.wanted.has(guid));
  const answered = asked.slice(0, Math.max(0, 2 * messages + askedTextsMax - texts));
  const wanted: ReadonlySet<Guid> =
    answered.length === asked.length
      ? said.wanted
      : new Set([...answered, ...[...said.wanted].filter((guid) => before.wanted.has(guid))]);
  if (isLess || answered.length > 0) {
    putDemands(catalog, before.hostId, {
      sinceS,
      lesses: lesses + (isLess && !isHeld ? 1 : 0),
      texts: texts + answered.length,
    });
  }
  if (!isHeld) return { ...said, wanted };
  return {
    clocks: joined(before.clocks, said.clocks),
    heard: normaliseRanges([...before.heard, ...said.heard]),
    wanted,
  };
}

function saysLess(before: Said, said: Said): boolean {
  const isHeardStill = before.heard.every(([lo, hi]) => isWithin(said.heard, lo, hi));
  return (
    !isHeardStill ||
    [...before.clocks].some(([mailbox, clock]) => !covers(said.clocks.get(mailbox) ?? emptyClock, clock))
  );
}

function isWithin(ranges: Ranges, lo: number, hi: number): boolean {
  return ranges.some(([from, to]) => from <= lo && hi <= to) || (lo === hi && inRanges(ranges, lo));
}

function joined(
  before: ReadonlyMap<MailboxName, Clock>,
  said: ReadonlyMap<MailboxName, Clock>,
): ReadonlyMap<MailboxName, Clock> {
  const all = new Map(before);
  for (const [mailbox, clock] of said) all.set(mailbox, joinClocks(all.get(mailbox) ?? emptyClock, clock));
  return all;
}
