import type { Bench } from '../../apply/context/run-context.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { headerBytesMax, subjectOf } from '../../mail/text/decode-subject.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import { seenHoldings } from '../../merge/stored-files-by-message.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import type { RestoreOutcome, RestoreReport } from '../reports/run-report-types.js';
import type { Session } from '../session/account-session.js';

/** What could be brought back now, from what the catalog remembers: the store is not looked at. */
export async function listRestorable(session: Session): Promise<RestoreReport> {
  const { catalog } = session;
  const present = new Map<MailboxName, ReadonlySet<Guid>>();
  const chosen: Chosen[] = [];
  for (const row of await rowsKept(session)) {
    const there = present.get(row.mailbox) ?? mailHeld(catalog.load(row.mailbox));
    present.set(row.mailbox, there);
    chosen.push({ row, need: there.has(sameOf(row)) ? 'none' : 'birth' });
  }
  const messages = await described(session, chosen, foreseen(chosen));
  return { kind: 'restore', dryRun: false, isListing: true, messages, room: null, troubles: [] };
}

/** Without what is still to be expunged, or was taken out of the trash by somebody. */
export async function rowsKept({ catalog, trash }: Pick<Session, 'catalog' | 'trash'>): Promise<Trashed[]> {
  const kept = await trash.guids();
  return catalog.trash().filter(({ guid }) => kept.has(guid));
}

/** By its second digest. */
function mailHeld(known: KnownMailbox | null): ReadonlySet<Guid> {
  return new Set([...(known?.holdings.values() ?? [])].map(sameOf));
}

/** birth: a new message. text: it is alive, but waits for its text. none: the text is there. */
export type Chosen = { readonly row: Trashed; readonly need: 'birth' | 'text' | 'none' };

/** What has to be done for each of them. */
export function choose(bench: Bench, rows: readonly Trashed[]): Chosen[] {
  const needs = new Map<MailboxName, Map<Guid, 'text' | 'none'>>();
  const needsOf = (mailbox: MailboxName): Map<Guid, 'text' | 'none'> => {
    const known = bench.copy.get(mailbox);
    const seen = seenHoldings(known);
    const found = new Map<Guid, 'text' | 'none'>();
    for (const instance of known.state.instances.values()) {
      const holding = seen.get(birthKey(instance.birth));
      if (holding !== undefined) found.set(sameOf(holding), 'none');
      else if (!found.has(sameOf(instance))) found.set(sameOf(instance), 'text');
    }
    return found;
  };
  // The newest first: of two with the same text it is the one that is brought back.
  const chosen = rows.toReversed().map((row): Chosen => {
    const there = needs.get(row.mailbox) ?? needsOf(row.mailbox);
    needs.set(row.mailbox, there);
    const need = there.get(sameOf(row)) ?? 'birth';
    there.set(sameOf(row), 'none');
    return { row, need };
  });
  return chosen.reverse();
}

/** What would become of them. */
export function foreseen(chosen: readonly Chosen[]): ReadonlyMap<Trashed, RestoreOutcome> {
  return new Map(chosen.map(({ row, need }) => [row, need === 'none' ? 'there' : 'restorable']));
}

/** As people know them. */
export async function described(
  { trash }: Pick<Session, 'trash'>,
  chosen: readonly Chosen[],
  outcomes: ReadonlyMap<Trashed, RestoreOutcome>,
): Promise<RestoreReport['messages']> {
  const messages: RestoreReport['messages'][number][] = [];
  for (const { row } of chosen) {
    const { birth: _birth, hint: _hint, same: _same, seenS: _seenS, flags, ...shown } = row;
    const beginning = await trash.beginning(row.guid, headerBytesMax);
    const subject = beginning === null ? null : subjectOf(beginning);
    messages.push({ ...shown, flags: [...flags].sort(), subject, outcome: outcomes.get(row) ?? 'restorable' });
  }
  return messages;
}
