import { whyExcessive } from './check-mailbox-size.js';
import type { HostId } from './host-id.js';
import type { Stamp, UidRegister } from './last-writer-registers.js';
import type { MailboxNews } from './mailbox-news.js';
import { type Birth, birthKey } from './message-birth.js';
import { countRanges, inRanges } from './number-ranges.js';
import { counterMax, isCounter, isUid, roundMax, uidNextMax } from './replica-limits.js';
import { covers, coversBirth, tickOf } from './version-vector.js';

// What can be said against news without knowing anything else (mrepl-bundle(5), WHAT MAKES SENSE). The same for whoever
// only looks at a bundle, and whoever takes it in.

/** Why nobody can take this news, whatever he knows; null where somebody can. A whole sentence without its end. */
export function whySenseless(news: MailboxNews): string | null {
  return whyUnsound(news) ?? whyExcessive(news) ?? whyIncomplete(news);
}

/**
 * Why no host could say this, or it would use up the numbers of everybody; null where one could. A whole sentence
 * without its end.
 */
export function whyUnsound(news: MailboxNews): string | null {
  const { highestModseq, clock, validity, uidNext } = news;
  if (!isBelieved(highestModseq)) return `its highest modseq ${highestModseq} is far beyond anything seen`;
  const isModseq = (n: number): boolean => isCounter(n) && n <= highestModseq;
  for (const [host, { serial, modseq }] of clock) {
    if (!isBelieved(serial)) return `its counters of host ${host.slice(0, 8)} are far beyond anything seen`;
    if (!isModseq(modseq)) return `its counters of host ${host.slice(0, 8)} are above its highest modseq`;
  }
  const hasMessages = news.saves.length > 0 || [...news.living.values()].some((ranges) => ranges.length > 0);
  if (validity === null && hasMessages) return 'it has messages and no UIDVALIDITY';
  if (!isCounter(uidNext) || uidNext < 1 || uidNext > uidNextMax) return `its UIDNEXT ${uidNext} leaves no UIDs`;
  if (validity !== null && (!isUid(validity.uidValidity) || !isBelieved(validity.resets))) {
    return `its UIDVALIDITY ${validity.uidValidity} leaves no others`;
  }
  for (const { uidValidity, lo, hi } of [...news.ledger.claims, ...news.ledger.agreements]) {
    if (!isUid(uidValidity) || !isUid(lo) || hi < lo || !Number.isSafeInteger(hi) || hi > uidNextMax) {
      return `UIDs ${lo}:${hi} cannot have been given out`;
    }
    if (uidValidity === validity?.uidValidity && hi >= uidNext)
      return `UIDs ${lo}:${hi} are above its UIDNEXT ${uidNext}`;
  }
  const isUidRegister = (uid: UidRegister): boolean =>
    isUid(uid.uidValidity) &&
    isUid(uid.uid) &&
    uid.uid <= (uid.uidValidity === validity?.uidValidity ? uidNext - 1 : uidNextMax) &&
    isCounter(uid.round) &&
    uid.round <= roundMax &&
    isModseq(uid.modseq);
  const areModseqs = (registers: Iterable<Stamp>): boolean => {
    for (const { modseq } of registers) if (!isModseq(modseq)) return false;
    return true;
  };
  if (!areModseqs([news.exists, news.subscribed])) return 'it says more than its counters know';
  for (const { birth, modseq, anew, uid, flags } of news.saves) {
    if (!coversBirth(clock, birth) || !isModseq(modseq) || !isModseq(anew ?? 0) || !isUidRegister(uid)) {
      return `message ${birthKey(birth)} is more than its counters or its UIDNEXT know`;
    }
    if (!areModseqs(flags.values())) return `flags of ${birthKey(birth)} are more than its counters know`;
  }
  for (const { birth, uid, flags } of news.updates) {
    const isSound = (uid === undefined || isUidRegister(uid)) && areModseqs(flags.values());
    if (!isSound) return `changes of ${birthKey(birth)} are more than its counters know`;
  }
  for (const [host, ranges] of news.living) {
    const last = ranges.at(-1)?.[1] ?? 0;
    if (!isCounter(last) || last > tickOf(clock, host).serial) return 'more lives in it than its clock knows';
  }
  return null;
}

/**
 * Why it does not say just what somebody lacks who knows its base: whoever took it would claim to know what nobody told
 * it. Null where it does.
 */
function whyIncomplete({ base, clock, living, saves, updates }: MailboxNews): string | null {
  if (!covers(clock, base)) return 'it builds upon more than it knows';
  const isAlive = ({ host, serial }: Birth): boolean => inRanges(living.get(host) ?? [], serial);
  const told = new Map<HostId, number>();
  for (const { birth } of saves) {
    const { host } = birth;
    if (!isAlive(birth)) return `message ${birthKey(birth)} is in it, and not among those that live`;
    if (coversBirth(base, birth)) return `message ${birthKey(birth)} is in it, and not new to its base`;
    told.set(host, (told.get(host) ?? 0) + 1);
  }
  for (const [host, ranges] of living) {
    const { serial } = tickOf(base, host);
    const fresh = ranges.flatMap(([lo, hi]) => (hi > serial ? [[Math.max(lo, serial + 1), hi] as const] : []));
    if ((told.get(host) ?? 0) !== countRanges(fresh)) return 'messages that it lists are not in it';
  }
  for (const { birth } of updates) {
    if (!isAlive(birth) || !coversBirth(base, birth))
      return `changes of ${birthKey(birth)} are in it, which its base does not know`;
  }
  return null;
}

function isBelieved(n: number): boolean {
  return isCounter(n) && n <= counterMax;
}
