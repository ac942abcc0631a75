import type { Bench } from '../../apply/context/run-context.js';
import { heedInterruption } from '../../apply/context/stop-if-interrupted.js';
import { renumberMailbox, type Settled, settle } from '../../apply/execute/plan-and-execute-mailboxes.js';
import { addUnsettled } from '../../catalog/facts/mailboxes-with-unfinished-changes.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import { isOfOneThing } from '../../failure.js';
import { fileSystemRoom } from '../../fs/file-system-room.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { BodySum } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { indexTexts, sameOf, textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { type Revival, revive } from '../../merge/change/restore-expunged-messages.js';
import { seenHoldings } from '../../merge/stored-files-by-message.js';
import type { RestoreOutcome, RestoreReport, RoomNeeded } from '../reports/run-report-types.js';
import { beginRun, performRun, scanReportOf } from '../run/begin-run.js';
import type { Session } from '../session/account-session.js';
import { dropUnawaited, spooledTexts } from '../trash/spooled-texts.js';
import { tidyTrash } from '../trash/tidy-trash.js';
import { type Chosen, choose, described, foreseen, listRestorable, rowsKept } from './list-restorable-messages.js';
import { type RestoreSelection, selects } from './restore-selection.js';

export type RestoreOptions = {
  readonly dryRun: boolean;
  /** Null: nothing is brought back, only all that could be is shown. */
  readonly selection: RestoreSelection | null;
};

/**
 * Brings back what imports expunged, as new mail of this host, which travels to the others as any other does. The order
 * of durability is that of an import: texts in the spool, then the catalog, then the store. Text by text, not message
 * by message: one that is in its mailbox already is not brought back a second time.
 */
export async function restoreFrom(session: Session, options: RestoreOptions): Promise<RestoreReport> {
  const { selection, dryRun } = options;
  if (selection === null) return listRestorable(session);
  return performRun(session, { dryRun }, async () => {
    const run = await beginRun(session, { dryRun, allowExpunge: false });
    const { bench } = run;
    const chosen = choose(bench, (await rowsKept(session)).filter(selects(selection)));
    const room = roomFor(session, chosen);
    const result = dryRun ? { outcomes: foreseen(chosen), troubles: [] } : await bringBack(session, bench, chosen);
    const messages = await described(session, chosen, result.outcomes);
    if (!dryRun) await tidyTrash(session, { isTouched: true });
    return {
      kind: 'restore',
      dryRun,
      isListing: false,
      ...{ messages, room },
      troubles: [...scanReportOf(run).troubles, ...result.troubles],
    };
  });
}

/** At the most: a text that can be linked from the trash takes no room of its own. */
function roomFor({ store }: Pick<Session, 'store'>, chosen: readonly Chosen[]): RoomNeeded {
  const [directory] = store.capabilities.directories;
  const texts = new Map(
    chosen.flatMap(({ row, need }) => (need === 'none' ? [] : [[row.guid, row.sizeBytes] as const])),
  );
  return {
    neededBytes: [...texts.values()].reduce((sum, size) => sum + size, 0),
    freeBytes: directory === undefined ? null : (fileSystemRoom(directory)?.freeBytes ?? null),
  };
}

type Result = { readonly outcomes: ReadonlyMap<Trashed, RestoreOutcome>; readonly troubles: readonly Trouble[] };

async function bringBack(session: Session, bench: Bench, chosen: readonly Chosen[]): Promise<Result> {
  const { store, spool, trash } = session;
  const outcomes = new Map<Trashed, RestoreOutcome>();
  const troubles: Trouble[] = [];
  const revivals = new Map<MailboxName, Trashed[]>();
  const bodies = new Map<Guid, BodySum>();
  session.listener({ kind: 'stage', stage: 'texts', subject: store.description });
  let kept = false;
  try {
    for (const { row, need } of chosen) {
      await heedInterruption(session);
      outcomes.set(row, need === 'none' ? 'there' : 'restored');
      if (need === 'none') continue;
      try {
        const { body, ...text } = await trash.copyToSpool(row.guid);
        bodies.set(row.guid, body);
        const rows = revivals.get(row.mailbox) ?? [];
        revivals.set(row.mailbox, rows);
        if (need === 'birth') rows.push({ ...row, ...text });
      } catch (cause) {
        if (!isOfOneThing(cause, 'store-damaged')) throw cause;
        outcomes.set(row, 'damaged');
        troubles.push({ subject: row.mailbox, failure: cause });
      }
    }
    if (revivals.size === 0) return { outcomes, troubles };
    await spool.sync();
    kept = true; // whether a commit that fails was one after all only the next run can tell
    enter(session, bench, { revivals, bodies });
  } finally {
    if (!kept) await dropUnawaited(session).catch(() => undefined);
  }
  session.listener({ kind: 'stage', stage: 'apply', subject: store.description });
  const settled = await settle(bench, [...revivals.keys()], await spooledTexts(session));
  await dropUnawaited(session);
  for (const { troubles: more } of settled.values()) for (const trouble of more) troubles.push(trouble);
  forgetRestored(bench, outcomes, settled);
  return { outcomes, troubles };
}

type Entry = {
  readonly revivals: ReadonlyMap<MailboxName, readonly Trashed[]>;
  readonly bodies: ReadonlyMap<Guid, BodySum>;
};

/** Commits what is brought back as this host's own new mail. */
function enter(
  { catalog, store, nowMs }: Pick<Session, 'catalog' | 'store' | 'nowMs'>,
  bench: Bench,
  { revivals, bodies }: Entry,
): void {
  const self = catalog.identity.hostId;
  const names = [...revivals.keys()];
  catalog.transaction(() => {
    for (const [mailbox, rows] of revivals) {
      const inOrder: Revival[] = [...rows]
        .sort((a, b) => a.uidValidity - b.uidValidity || a.uid - b.uid)
        .map(revivalOf);
      bench.copy.put(revive(bench.copy.get(mailbox), inOrder, { self, nowS: bench.nowS() }));
      renumberMailbox(bench, mailbox, indexTexts(rows));
    }
    catalog.noteBodies(bodies);
    addUnsettled(catalog, names);
    catalog.log({
      atS: Math.floor(nowMs() / 1000),
      what: 'restore',
      details: {
        target: store.description,
        mailboxes: [...revivals].map(([mailbox, rows]) => ({ mailbox, decisions: { restored: rows.length } })),
      },
    });
  });
}

function revivalOf({ sizeBytes, receivedS, hint, flags, ...text }: Trashed): Revival {
  return { ...textIdOf(text), sizeBytes, receivedS, hint, flags };
}

/**
 * What is in its mailbox again needs no place in the trash; what could not be delivered keeps its own, for another try.
 */
function forgetRestored(
  { catalog, copy }: Pick<Bench, 'catalog' | 'copy'>,
  outcomes: Map<Trashed, RestoreOutcome>,
  settled: ReadonlyMap<MailboxName, Settled>,
): void {
  const done: Trashed[] = [];
  const stored = new Map<MailboxName, ReadonlySet<Guid>>();
  for (const mailbox of settled.keys()) {
    stored.set(mailbox, new Set([...seenHoldings(copy.get(mailbox)).values()].map(sameOf)));
  }
  for (const [row, outcome] of outcomes) {
    if (outcome !== 'restored') continue;
    if (stored.get(row.mailbox)?.has(sameOf(row)) === true) done.push(row);
    else outcomes.set(row, 'waiting');
  }
  catalog.dropTrash(done);
}
