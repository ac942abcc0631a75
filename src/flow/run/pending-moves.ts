import type { Catalog } from '../../catalog/interface/catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { MoveSources } from '../../merge/observe/detect-moves.js';
import type { HostId } from '../../replica/host-id.js';
import { type BirthKey, birthKey, birthOf } from '../../replica/message-birth.js';
import type { Tick } from '../../replica/version-vector.js';

// A move is seen where one look shows both a message gone and its text elsewhere. While some mailbox cannot be looked at, or its new mail has no
// UIDs yet, what goes from the others may have gone there: it is remembered until all can be seen.

const key = 'unlinked';

type Noted = readonly [
  mailbox: MailboxName,
  clock: readonly (readonly [HostId, Tick])[],
  messages: readonly (readonly [BirthKey, Guid, Guid?])[],
];

/** What went from mailboxes while others could not be seen. */
export function unlinkedDepartures(catalog: Catalog): MoveSources[] {
  const note = catalog.note(key);
  if (note === null) return [];
  return (JSON.parse(note) as readonly Noted[]).map(([mailbox, clock, messages]) => ({
    mailbox,
    clock: new Map(clock),
    messages: messages.map(([birth, guid, same]) => ({
      birth: birthOf(birth),
      ...(same === undefined ? { guid } : { guid, same }),
    })),
  }));
}

/**
 * So many messages, inclusive, are remembered, the newest: a mailbox may be out of sight for years. Of those before them the flags that others set
 * will not follow, should they turn out to have been moved; the mail itself does.
 */
export const unlinkedMax = 20_000;

/** Lays it down in the open transaction, in place of what was. The oldest come first. */
export function rememberUnlinked(catalog: Catalog, sources: readonly MoveSources[]): void {
  const notable = newest(sources).filter(({ messages }) => messages.length > 0);
  if (notable.length === 0 && catalog.note(key) === null) return;
  const noted = notable.map(
    ({ mailbox, clock, messages }): Noted => [
      mailbox,
      [...clock],
      messages.map(({ birth, guid, same }) =>
        same === undefined ? [birthKey(birth), guid] : [birthKey(birth), guid, same],
      ),
    ],
  );
  catalog.setNote(key, noted.length === 0 ? null : JSON.stringify(noted));
}

function newest(sources: readonly MoveSources[]): MoveSources[] {
  let room = unlinkedMax;
  const kept: MoveSources[] = [];
  for (const source of sources.toReversed()) {
    const messages = room === 0 ? [] : source.messages.slice(-room);
    room -= messages.length;
    kept.push({ ...source, messages });
  }
  return kept.reverse();
}
