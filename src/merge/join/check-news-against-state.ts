import { Failure } from '../../failure.js';
import { looksLikeInbox } from '../../mail/mailbox-name.js';
import { whyTooMuchLives } from '../../replica/check-mailbox-size.js';
import { whyUnsound } from '../../replica/check-news-soundness.js';
import type { HostId } from '../../replica/host-id.js';
import type { Stamp } from '../../replica/last-writer-registers.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { MailboxState } from '../../replica/mailbox-state.js';
import { type Birth, birthKey } from '../../replica/message-birth.js';
import { countRanges, inRanges } from '../../replica/number-ranges.js';
import { counterLeapMax, counterMax } from '../../replica/replica-limits.js';
import { coversBirth, coversStamp, tickOf } from '../../replica/version-vector.js';

/**
 * Why news cannot be true, or would use up the numbers of everybody; null where it can be merged. News that leaves out
 * what its base promises is found here too: merging it would lose mail silently, because this host would then claim to
 * know it.
 */
export function whyInadmissible(news: MailboxNews, state: MailboxState, self: HostId): Failure | null {
  if (looksLikeInbox(news.name)) return misleading(news);
  const why = whyUnsound(news) ?? whyTooFar(news, state, self) ?? whyTooMuchLives(news, state);
  if (why !== null) return inadmissible(news, why);
  // Not always covered by its clock: registers of a part are as they are now (`partOf`). What this host did it knows
  // best itself.
  const isOurs = (stamp: Stamp): boolean =>
    stamp.modseq === 0 || stamp.host !== self || coversStamp(state.clock, stamp);
  if (!isOurs(news.exists) || !isOurs(news.subscribed))
    return inadmissible(news, 'it says more than its counters know');
  const fresh = new Map<HostId, Set<number>>();
  for (const { birth, modseq, guid, uid, flags } of news.saves) {
    if ((state.instances.get(birthKey(birth))?.guid ?? guid) !== guid) return secondBirth(news, birth);
    if (!isOurs({ modseq, host: birth.host }) || !isOurs(uid)) {
      return inadmissible(news, `message ${birthKey(birth)} is more than its counters or its UIDNEXT know`);
    }
    for (const register of flags.values()) {
      if (!isOurs(register)) return inadmissible(news, `flags of ${birthKey(birth)} are more than its counters know`);
    }
    if (coversBirth(state.clock, birth) || !inRanges(news.living.get(birth.host) ?? [], birth.serial)) continue;
    const serials = fresh.get(birth.host);
    if (serials === undefined) fresh.set(birth.host, new Set([birth.serial]));
    else serials.add(birth.serial);
  }
  for (const { birth, uid, flags } of news.updates) {
    const isSound = (uid === undefined || isOurs(uid)) && [...flags.values()].every(isOurs);
    if (!isSound) return inadmissible(news, `changes of ${birthKey(birth)} are more than its counters know`);
  }
  for (const [host, ranges] of news.living) {
    const mine = tickOf(state.clock, host).serial;
    const unknown = ranges.flatMap(([lo, hi]) => (hi > mine ? [[Math.max(lo, mine + 1), hi] as const] : []));
    const found = fresh.get(host)?.size ?? 0;
    if (found !== countRanges(unknown)) return inadmissible(news, 'messages that it lists are not in it');
  }
  return null;
}

/** The refusal of a mailbox's news; `what` is a sentence without its end. */
export function inadmissible({ name }: MailboxNews, what: string): Failure {
  return new Failure('bundle-damaged', `merging mailbox ${name}: ${what}; nothing of this mailbox was taken`, {
    hint: 'Ask the sender for a new bundle; if that says the same, the sender is damaged.',
  });
}

/** A mailbox that its user would take for the inbox. */
function misleading({ name }: MailboxNews): Failure {
  return new Failure(
    'bundle-damaged',
    `merging mailbox ${name}: but for what nobody sees its name is INBOX, or begins so, and it is another mailbox; nothing of it was taken`,
    { hint: 'Rename the mailbox on the sending host, if its user made it; no mail program makes such a name.' },
  );
}

/** Do its numbers leap too far ahead of all that was seen here? */
function whyTooFar(news: MailboxNews, state: MailboxState, self: HostId): string | null {
  // Who has not heard of anybody yet cannot tell a leap from a long life.
  const isAlone = [...state.clock.keys()].every((host) => host === self);
  const beyond = (known: number): number => (isAlone ? counterMax : Math.min(known + counterLeapMax, counterMax));
  if (news.highestModseq > beyond(state.highestModseq)) {
    return `its highest modseq ${news.highestModseq} is far beyond anything seen`;
  }
  for (const [host, { serial }] of news.clock) {
    if (serial > beyond(tickOf(state.clock, host).serial)) {
      return `its counters of host ${host.slice(0, 8)} are far beyond anything seen`;
    }
  }
  const { validity } = news;
  return validity !== null && validity.resets > beyond(state.validity?.resets ?? 0)
    ? `its UIDVALIDITY ${validity.uidValidity} leaves no others`
    : null;
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
