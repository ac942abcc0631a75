import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { type Birth, type BirthKey, birthKey } from '../../replica/message-birth.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { MessageChange } from '../reports/message-change-type.js';
import { type Headline, headlineOf, headlineReader, type TextPlace } from '../run/read-message-headers.js';
import type { Session } from '../session/account-session.js';
import { pairMoves } from './pair-moves.js';

/** A mailbox with what was decided of it, as it was before and as it is after that. */
type ChangedMailbox = {
  readonly mailbox: MailboxName;
  readonly decisions: readonly Decision[];
  readonly before: KnownMailbox;
  readonly after: KnownMailbox;
};

type Row = {
  what: MessageChange['what'];
  readonly mailbox: MailboxName;
  from: MailboxName | null;
  readonly guid: Guid;
  before: Instance | undefined;
  readonly after: Instance | undefined;
  readonly by: HostId | null;
  readonly places: TextPlace[];
};

/**
 * Tells message by message what an import does, in the order of mailboxes and received dates. Texts that came with the
 * bundles and are not in the store have their headlines in `arrived`.
 */
export async function describeChanges(
  session: Pick<Session, 'store' | 'trash'>,
  mailboxes: readonly ChangedMailbox[],
  arrived: ReadonlyMap<Guid, Headline>,
): Promise<MessageChange[]> {
  const read = headlineReader(session);
  const rows = joinMoves(mailboxes.flatMap(rowsOf));
  const changes: MessageChange[] = [];
  for (const row of rows) {
    const { what, mailbox, from, guid, before, after, by } = row;
    const headline = arrived.get(guid) ?? (await read(guid, row.places));
    const known = after ?? before;
    changes.push({
      ...{ what, mailbox, from, guid, by },
      uidBefore: before?.uid.uid ?? null,
      uidAfter: after?.uid.uid ?? null,
      flagsBefore: flagsOf(before),
      flagsAfter: flagsOf(after),
      receivedS: known?.receivedS ?? 0,
      sizeBytes: known?.sizeBytes ?? 0,
      ...headline,
    });
  }
  return changes.sort((a, b) => compareNames(a.mailbox, b.mailbox) || a.receivedS - b.receivedS);
}

/** Reads what came with bundles, for those who want to know the messages before they are in the store. */
export async function headlinesIn(arrivals: readonly Arrival[], signal: AbortSignal): Promise<Map<Guid, Headline>> {
  const found = new Map<Guid, Headline>();
  for (const arrival of arrivals) {
    for await (const { guid, text } of arrival.texts()) {
      signal.throwIfAborted();
      found.set(guid, headlineOf(text));
    }
  }
  return found;
}

function rowsOf({ mailbox, decisions, before, after }: ChangedMailbox): Row[] {
  const rows = new Map<BirthKey, Row>();
  const add = (what: Row['what'], birth: Birth, by: HostId | null, was: Birth = birth): void => {
    const key = birthKey(birth);
    if (rows.has(key)) return;
    const old = before.state.instances.get(birthKey(was));
    const now = after.state.instances.get(key);
    const guid = now?.guid ?? old?.guid;
    if (guid === undefined) return;
    const places = [
      { known: after, birth: key },
      { known: before, birth: birthKey(was) },
    ];
    rows.set(key, {
      ...{ what, mailbox, from: null, guid, before: old, by, places },
      after: what === 'goes' ? undefined : now,
    });
  };
  for (const decision of decisions) {
    if (decision.kind === 'expunged') add('goes', decision.birth, decision.by);
    else if (decision.kind === 'new') add('comes', decision.birth, decision.birth.host);
    else if (decision.kind === 'rewritten') add('anew', decision.birth, decision.by, decision.replaced);
    else if (decision.kind === 'unified') {
      const mine = before.state.instances.has(birthKey(decision.kept)) ? decision.kept : decision.dropped;
      add('same', decision.kept, null, mine);
    }
  }
  for (const decision of decisions) {
    if (decision.kind === 'flags' || decision.kind === 'moved-flags') add('flags', decision.birth, null);
  }
  for (const decision of decisions) if (decision.kind === 'renumbered') add('uid', decision.birth, null);
  return [...rows.values()];
}

/** What goes in one mailbox and comes in another becomes one row. */
function joinMoves(rows: readonly Row[]): Row[] {
  const pairs = pairMoves(rows);
  for (const [row, source] of pairs) {
    row.what = 'moves';
    row.from = source.mailbox;
    row.before = source.before;
    for (const place of source.places) row.places.push(place);
  }
  const moved = new Set(pairs.values());
  return rows.filter((row) => !moved.has(row));
}

function flagsOf(instance: Instance | undefined): Flag[] {
  return [...(instance?.flags ?? [])].flatMap(([flag, { on }]) => (on ? [flag] : [])).sort();
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
