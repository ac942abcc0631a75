import type { Bench } from '../../apply/context/run-context.js';
import { entryBytes } from '../../bundle/archive/tar-header.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { diff } from '../../merge/send/news-since.js';
import { type GivenUp, partOf } from '../../merge/send/split-news.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { birthOf } from '../../replica/message-birth.js';
import { messagesBorn } from '../../replica/messages-read-on-demand.js';
import { coversBirth } from '../../replica/version-vector.js';
import { byUid, type Outstanding, type Portion, type Telling } from './compose-bundle.js';

type PortionLimits = {
  /** Bytes of records and texts, in a bundle that does not compress them. */
  readonly contentBytesMax: number;
  /** What can never be more, at no other time: a larger text blocks the way of nothing. */
  readonly everBytesMax: number;
  /** Is this all the room that a run begins with? Then smaller texts get past a large one. */
  readonly isAmple: boolean;
  /** Is there room for another bundle behind this one? Then only what no bundle has room for is large. */
  readonly isFollowed: boolean;
};

/**
 * Smaller texts get past one that does not fit where that would take more than this share of all the room: of texts
 * like all others those that come first fill it, and the rest waits for a medium with more.
 */
const largeShare = 1 / 3;

/**
 * So many texts are passed over in one portion, inclusive: a message whose text comes later gets another UID then,
 * where mail has come since.
 */
const passedOverMax = 16;

/**
 * Bytes, about, that records take: of a message, of a flag or a stamp more, of a change, of a mailbox, of a claim or a
 * range of serials.
 */
const saveBytes = 256;
const stampBytes = 48;
const updateBytes = 192;
const mailboxBytes = 2048;
const rangeBytes = 64;

/**
 * As much of what is outstanding as there is room for: texts that were asked for, then mailbox by mailbox, INBOX first,
 * oldest UID first. Null where that is nothing. Sizes of records are estimates.
 *
 * Where a mailbox can only be told of as a whole, its records go as far as there is room. A text that does not fit
 * stays behind, to be sent as if it had been asked for, and smaller ones get past it: one message blocks nothing.
 */
export function portionOf(
  bench: Pick<Bench, 'catalog' | 'copy'>,
  outstanding: Outstanding,
  limits: PortionLimits,
): Portion | null {
  let roomBytes = limits.contentBytesMax;
  const largeBytes = limits.isFollowed ? roomBytes : roomBytes * largeShare;
  const going = new Set<Guid>();
  const behind = new Set<Guid>();
  const asked: Guid[] = [];
  const tellings: Telling[] = [];
  const portion = (): Portion | null => (asked.length + tellings.length > 0 ? { asked, tellings, behind } : null);
  for (const guid of outstanding.asked) {
    const bytes = entryBytes(bench.catalog.copyOf(bench.catalog.textNamed(guid))?.sizeBytes ?? 0) + rangeBytes;
    if (bytes > roomBytes) continue;
    roomBytes -= bytes;
    going.add(guid);
    asked.push(guid);
  }

  const givenUp = givenUpIn(bench);
  for (const telling of outstanding.tellings) {
    const { state, base } = telling;
    const isFirst = limits.isAmple && tellings.length === 0;
    const ownBytes = mailboxCost(telling, bench.catalog.identity.hostId);
    if (ownBytes > roomBytes) return portion();
    const before = roomBytes;
    const added: Guid[] = [];
    roomBytes -= ownBytes;
    const textCost = (instance: Instance): number =>
      !going.has(instance.guid) && outstanding.sendsText(instance) ? entryBytes(instance.sizeBytes) : 0;
    const fresh = byUid(messagesBorn(state.instances, (birth) => !coversBirth(base, birth)));
    let taken = 0;
    for (const instance of fresh) {
      const record = recordCost(instance);
      const text = textCost(instance);
      if (record + text > roomBytes) {
        const isPassedOver =
          text > limits.everBytesMax || (limits.isAmple && text > largeBytes && behind.size < passedOverMax);
        if (text === 0 || !isPassedOver || record > roomBytes) break;
        behind.add(instance.guid);
        roomBytes -= record;
      } else {
        if (text > 0) going.add(instance.guid);
        roomBytes -= record + text;
      }
      if (text > 0) added.push(instance.guid);
      taken += 1;
    }
    if (taken === fresh.length) {
      tellings.push(telling);
      continue;
    }
    const through = fresh[taken - 1]?.uid.uid;
    const part =
      through === undefined ? null : partOf(state, { base, through, givenUp: givenUp.get(state.name) ?? [] });
    if (part !== null) {
      tellings.push({ state: part, base });
      return portion();
    }
    for (const guid of added) {
      going.delete(guid);
      behind.delete(guid);
    }
    // There is no part that begins with what fits: all of its records, or nothing.
    roomBytes = before - ownBytes - fresh.reduce((sum, instance) => sum + recordCost(instance), 0);
    if (!isFirst || taken === 0 || roomBytes < 0) return portion();
    for (const instance of fresh) {
      const text = textCost(instance);
      if (text > roomBytes) behind.add(instance.guid);
      else if (text > 0) going.add(instance.guid);
      if (text <= roomBytes) roomBytes -= text;
    }
    tellings.push(telling);
    return portion();
  }
  return portion();
}

/** Messages, by mailbox, whose place others have taken while peers may still have them. */
function givenUpIn({ catalog }: Pick<Bench, 'catalog'>): ReadonlyMap<MailboxName, readonly GivenUp[]> {
  const found = new Map<MailboxName, GivenUp[]>();
  for (const { mailbox, birth, ...text } of catalog.departed()) {
    const list = found.get(mailbox);
    const one = { birth: birthOf(birth), ...textIdOf(text) };
    if (list === undefined) found.set(mailbox, [one]);
    else list.push(one);
  }
  return found;
}

/** Everything but the new messages. */
function mailboxCost({ state, base }: Telling, self: string): number {
  const { updates, living, ledger } = diff(state, base, self);
  const ranges = [...living.values()].reduce((sum, list) => sum + list.length, 0);
  const stamps = updates.reduce((sum, { flags }) => sum + flags.size, 0);
  return (
    mailboxBytes +
    Buffer.byteLength(state.name) +
    (ranges + ledger.claims.length + ledger.agreements.length) * rangeBytes +
    updates.length * updateBytes +
    stamps * stampBytes
  );
}

function recordCost({ hint, flags, movedFrom }: Instance): number {
  return saveBytes + hint.length + (flags.size + 2 * (movedFrom?.clock.size ?? 0)) * stampBytes;
}
