import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { guidPattern } from '../../mail/text/text-guid.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { birthKey, birthOf } from '../../replica/message-birth.js';
import type { Clock, Tick } from '../../replica/version-vector.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { isHostId, readList, writeJson } from './json-fact.js';

// A move is seen where one look shows both a message gone and its text elsewhere. While some mailbox cannot be looked
// at, or its new mail has no UIDs yet, what goes from the others may have gone there: it is remembered until all can be
// seen.

const key = 'unlinked';

/** Messages that went from a mailbox and may have been moved elsewhere, and what was known of it when they went. */
type PendingMoves = {
  readonly mailbox: MailboxName;
  readonly clock: Clock;
  readonly messages: readonly PendingMove[];
};

type PendingMove = Pick<Instance, 'birth' | 'guid' | 'same'>;

/** What went from mailboxes while others could not be seen. */
export function unlinkedDepartures(catalog: FactCatalog): readonly PendingMoves[] {
  return readList(catalog, key).map((entry) => {
    const [mailbox, clock, messages]: unknown[] = Array.isArray(entry) ? entry : [];
    invariant(typeof mailbox === 'string', `the note ${key} names no mailbox`);
    invariant(Array.isArray(clock) && Array.isArray(messages), `the note ${key} has no messages of ${mailbox}`);
    return { mailbox, clock: new Map(clock.map(parseTick)), messages: messages.map(parseMessage) };
  });
}

function parseTick(entry: unknown): readonly [string, Tick] {
  const [host, tick]: unknown[] = Array.isArray(entry) ? entry : [];
  invariant(isHostId(host) && typeof tick === 'object' && tick !== null, `the note ${key} has no clock`);
  const { serial, modseq } = tick as Readonly<Record<string, unknown>>;
  invariant(typeof serial === 'number' && typeof modseq === 'number', `the note ${key} has no clock`);
  return [host, { serial, modseq }];
}

function parseMessage(entry: unknown): PendingMove {
  const [birth, guid, same]: unknown[] = Array.isArray(entry) ? entry : [];
  invariant(typeof birth === 'string' && isGuid(guid), `the note ${key} names no message`);
  return { birth: birthOf(birth), guid, ...(isGuid(same) ? { same } : {}) };
}

function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guidPattern.test(value);
}

/**
 * So many messages, inclusive, are remembered, the newest: a mailbox may be out of sight for years. Of those before
 * them the flags that others set will not follow, should they turn out to have been moved; the mail itself does.
 */
export const unlinkedMax = 20_000;

/** Lays it down in the open transaction, in place of what was. The oldest come first. */
export function rememberUnlinked(catalog: FactCatalog, sources: readonly PendingMoves[]): void {
  const noted = newest(sources)
    .filter(({ messages }) => messages.length > 0)
    .map(({ mailbox, clock, messages }) => [
      mailbox,
      [...clock],
      messages.map(({ birth, guid, same }) =>
        same === undefined ? [birthKey(birth), guid] : [birthKey(birth), guid, same],
      ),
    ]);
  writeJson(catalog, key, noted.length === 0 ? null : noted);
}

function newest(sources: readonly PendingMoves[]): PendingMoves[] {
  let room = unlinkedMax;
  const kept: PendingMoves[] = [];
  for (const source of sources.toReversed()) {
    const messages = room === 0 ? [] : source.messages.slice(-room);
    room -= messages.length;
    kept.push({ ...source, messages });
  }
  return kept.reverse();
}
