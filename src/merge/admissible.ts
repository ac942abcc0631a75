import { Failure } from '../failure.js';
import { type Birth, birthKey } from '../replica/birth.js';
import { coversBirth, coversStamp, tickOf } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import { counterLeapMax, counterMax, isCounter, isUid, roundMax, uidNextMax } from '../replica/limits.js';
import type { MailboxState } from '../replica/mailbox-state.js';
import type { MailboxNews } from '../replica/news.js';
import { countRanges, inRanges } from '../replica/ranges.js';
import type { Stamp, UidRegister } from '../replica/register.js';
import { whyExcessive } from './excess.js';

/**
 * Why news cannot be true, or would use up the numbers of everybody; null where it can be merged. News that leaves out what its base
 * promises is found here too: merging it would lose mail silently, because this host would then claim to know it.
 */
export function whyInadmissible(news: MailboxNews, state: MailboxState, self: HostId): Failure | null {
  const damaged = (what: string): Failure =>
    new Failure('bundle-damaged', `merging mailbox ${news.name}: ${what}; nothing of this mailbox was taken`, {
      hint: 'Ask the sender for a new bundle; if that says the same, the sender is damaged.',
    });
  // Who has not heard of anybody yet cannot tell a leap from a long life.
  const isAlone = [...state.clock.keys()].every((host) => host === self);
  const beyond = (known: number): number => (isAlone ? counterMax : Math.min(known + counterLeapMax, counterMax));
  const modseqMax = beyond(state.highestModseq);
  const isModseq = (n: number): boolean => isCounter(n) && n <= modseqMax && n <= news.highestModseq;
  if (!isCounter(news.highestModseq) || news.highestModseq > modseqMax) {
    return damaged(`its highest modseq ${news.highestModseq} is far beyond anything seen`);
  }
  for (const [host, { serial, modseq }] of news.clock) {
    const known = tickOf(state.clock, host);
    if (!isModseq(modseq) || !isCounter(serial) || serial > beyond(known.serial)) {
      return damaged(`its counters of host ${host.slice(0, 8)} are far beyond anything seen`);
    }
  }
  const { validity } = news;
  if (validity === null && news.saves.length > 0) return damaged('it has messages and no UIDVALIDITY');
  if (!isCounter(news.uidNext) || news.uidNext < 1 || news.uidNext > uidNextMax) {
    return damaged(`its UIDNEXT ${news.uidNext} leaves no UIDs`);
  }
  if (validity !== null) {
    const resetsMax = beyond(state.validity?.resets ?? 0);
    if (!isUid(validity.uidValidity) || !isCounter(validity.resets) || validity.resets > resetsMax) {
      return damaged(`its UIDVALIDITY ${validity.uidValidity} leaves no others`);
    }
  }
  for (const { uidValidity, lo, hi } of [...news.ledger.claims, ...news.ledger.agreements]) {
    if (!isUid(uidValidity) || !isUid(lo) || hi < lo || !Number.isSafeInteger(hi) || hi > uidNextMax) {
      return damaged(`UIDs ${lo}:${hi} cannot have been given out`);
    }
  }
  const excess = whyExcessive(news, state);
  if (excess !== null) return damaged(excess);

  // Not always covered by its clock: registers of a part are as they are now (`partOf`). What this host did it knows best itself.
  const isKnown = (stamp: Stamp): boolean =>
    stamp.modseq === 0 || (isModseq(stamp.modseq) && (stamp.host !== self || coversStamp(state.clock, stamp)));
  const isUidRegister = (uid: UidRegister): boolean =>
    isUid(uid.uidValidity) &&
    isUid(uid.uid) &&
    uid.uid <= (uid.uidValidity === validity?.uidValidity ? news.uidNext - 1 : uidNextMax) &&
    isCounter(uid.round) &&
    uid.round <= roundMax &&
    isKnown(uid);
  if (!isKnown(news.exists) || !isKnown(news.subscribed)) return damaged('it says more than its counters know');
  const fresh = new Map<HostId, Set<number>>();
  for (const { birth, modseq, guid, uid, flags } of news.saves) {
    if ((state.instances.get(birthKey(birth))?.guid ?? guid) !== guid) return secondBirth(news, birth);
    if (!coversBirth(news.clock, birth) || !isKnown({ modseq, host: birth.host }) || !isUidRegister(uid)) {
      return damaged(`message ${birthKey(birth)} is more than its counters or its UIDNEXT know`);
    }
    for (const register of flags.values()) {
      if (!isKnown(register)) return damaged(`flags of ${birthKey(birth)} are more than its counters know`);
    }
    if (coversBirth(state.clock, birth) || !inRanges(news.living.get(birth.host) ?? [], birth.serial)) continue;
    const serials = fresh.get(birth.host);
    if (serials === undefined) fresh.set(birth.host, new Set([birth.serial]));
    else serials.add(birth.serial);
  }
  for (const { birth, uid, flags } of news.updates) {
    const isSound = (uid === undefined || isUidRegister(uid)) && [...flags.values()].every(isKnown);
    if (!isSound) return damaged(`changes of ${birthKey(birth)} are more than its counters know`);
  }
  for (const [host, ranges] of news.living) {
    const { serial } = tickOf(news.clock, host);
    const last = ranges.at(-1)?.[1] ?? 0;
    if (!isCounter(last) || last > serial) return damaged('more lives in it than its clock knows');
    const mine = tickOf(state.clock, host).serial;
    const unknown = ranges.flatMap(([lo, hi]) => (hi > mine ? [[Math.max(lo, mine + 1), hi] as const] : []));
    const found = fresh.get(host)?.size ?? 0;
    if (found !== countRanges(unknown)) return damaged('messages that it lists are not in it');
  }
  return null;
}

/** Two messages of one birth: the host that saw them first did so twice, before and after its catalog was put back. */
function secondBirth({ name }: MailboxNews, birth: Birth): Failure {
  return new Failure(
    'bundle-damaged',
    `merging mailbox ${name}: message ${birthKey(birth)} is another one than is known here; nothing of this mailbox was taken`,
    {
      hint: 'A host was cloned, or its catalog was restored from a backup: run "mrepl rejoin" there.',
    },
  );
}
