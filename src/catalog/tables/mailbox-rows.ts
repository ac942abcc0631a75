import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { FlagRegister, Validity } from '../../replica/last-writer-registers.js';
import {
  countMailbox,
  type MailboxCounts,
  type Outline,
  outlineAfter,
  outlineOf,
} from '../../replica/mailbox-outline.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Ledger } from '../../replica/uid-ledger.js';
import { type Clock, tickOf } from '../../replica/version-vector.js';
import type { MailboxCatalog, MailboxSummary } from '../interface/mailbox-catalog.js';
import { type Database, firstRow, type Row, type SqlValue } from '../sql/database.js';
import { asBoolean, asCount, asFilledText, asNullable, asText, Garbled } from '../sql/parse-column.js';
import { dropStrayFlaws } from './damaged-text-rows.js';
import { guidsToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import { instanceRows } from './message-rows.js';
import { readOutline, writeOutline } from './outline-row.js';
import type { OpenTables } from './shared-by-all-tables.js';
import { holdingRows } from './stored-file-rows.js';
import { ledgerFromCells, ledgerToCells } from './uid-ledger-column.js';

/** Whole mailboxes: the row of `mailbox` and everything that belongs to it. */
type MailboxRows = Pick<MailboxCatalog, 'summaries' | 'load' | 'save' | 'countBeyond'>;

const columns = [
  'revision',
  'clock',
  'highest_modseq',
  'resets',
  'uid_validity',
  'uid_next',
  'exists_on',
  'exists_modseq',
  'exists_host',
  'subscribed_on',
  'subscribed_modseq',
  'subscribed_host',
  'store_uid_validity',
  'store_uid_next',
  'stored',
  'store_subscribed',
  'fingerprint',
  'mailbox_id',
  'messages',
  'waiting',
  'leftovers',
  'name',
] as const;
const insert = `INSERT INTO mailbox (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
const update = `UPDATE mailbox SET ${columns
  .filter((column) => column !== 'name')
  .map((column) => `${column} = ?`)
  .join(', ')} WHERE name = ?`;

/** What is kept as the numbers of hosts. */
type Numbered = Pick<OpenTables, 'hosts' | 'clocks'>;

/** Mailboxes, in the table `mailbox` and those that belong to it. */
export function mailboxCatalog(tables: OpenTables): MailboxRows {
  const { read, change } = tables;
  const rows = mailboxRows(tables);
  return {
    summaries: () => read(rows.summaries),
    countBeyond: (name, clock) => read(() => rows.countBeyond(name, clock)),
    load: (name) => read(() => rows.load(name)),
    save: (before, after) => change(() => rows.save(before, after)),
  };
}

function mailboxRows(tables: OpenTables): MailboxRows {
  const { db, hosts } = tables;
  const instances = instanceRows(tables);
  const holdings = holdingRows(tables);

  // The revision of the row that each mailbox object stands for. Saving against another one would write differences
  // from something the catalog does not hold, and damage it without anybody noticing. Revisions are never given twice,
  // also not after a rollback.
  const revisions = new WeakMap<KnownMailbox, number>();
  const outlines = new WeakMap<KnownMailbox, Outline>();
  let lastRevision: number | undefined;

  function nextRevision(): number {
    const row = lastRevision ?? firstRow(db, 'SELECT ifnull(max(revision), 0) AS revision FROM mailbox')?.revision;
    lastRevision = asCount(row, 'mailbox.revision') + 1;
    return lastRevision;
  }

  function load(name: MailboxName): KnownMailbox | null {
    const row = firstRow(db, 'SELECT * FROM mailbox WHERE name = ?', name);
    if (row === undefined) return null;
    const id = asCount(row.id, 'mailbox.id');
    const { state, messages, waiting: _, leftovers: __, ...rest } = parseSummary(row, tables);
    const ledger = firstRow(db, 'SELECT claims, agreements FROM mailbox_ledger WHERE mailbox = ?', id);
    const outline = readOutline(db, id, hosts);
    const living =
      outline === null
        ? instances.load(id)
        : instances.onDemand(id, { size: messages, uidNext: state.uidNext, outline });
    const known: KnownMailbox = {
      ...rest,
      state: {
        ...state,
        instances: living,
        ledger: ledgerFromCells({ claims: ledger?.claims, agreements: ledger?.agreements }),
      },
      holdings: outline === null ? holdings.load(id, living) : holdings.onDemand(id, outline.files),
    };
    if (living.size !== messages) throw new Garbled(`instance: ${living.size} rows where ${messages} were written`);
    revisions.set(known, asCount(row.revision, 'mailbox.revision'));
    if (outline !== null) outlines.set(known, outline);
    return known;
  }

  function save(before: KnownMailbox | null, after: KnownMailbox): void {
    const { name } = after.state;
    const row = firstRow(db, 'SELECT id, revision, waiting FROM mailbox WHERE name = ?', name);
    invariant(before === null || before.state.name === name, `one mailbox is saved as another (${name})`);
    const expected = before === null ? undefined : (revisions.get(before) ?? null);
    invariant(row?.revision === expected, `${name} is saved against a state the catalog does not hold`);
    if (before === after) return;

    const was = before === null ? undefined : outlines.get(before);
    const outline = before === null || was === undefined ? outlineOf(after) : outlineAfter(before, after, was);
    const counts = countMailbox(after, outline);
    const revision = nextRevision();
    db.run(row === undefined ? insert : update, ...mailboxCells(after, revision, counts, tables));
    const id = asCount(row?.id ?? firstRow(db, 'SELECT id FROM mailbox WHERE name = ?', name)?.id, 'mailbox.id');
    instances.save(id, before?.state.instances ?? new Map(), after.state.instances);
    holdings.save(id, before?.holdings ?? new Map(), after.holdings);
    dropStrayFlaws(db, id);
    if (outline !== was) writeOutline(db, id, outline, hosts);
    if (before?.state.ledger !== after.state.ledger) writeLedger(db, id, after.state.ledger);
    writeWaiting(db, id, counts.waiting, row?.waiting);
    revisions.set(after, revision);
    outlines.set(after, outline);
  }

  return {
    summaries: () => db.all('SELECT * FROM mailbox ORDER BY name').map((row) => parseSummary(row, tables)),
    load,
    save,
    countBeyond: (name, clock) => countBeyond(tables, name, clock),
  };
}

function writeLedger(db: Database, id: number, ledger: Ledger): void {
  const { claims, agreements } = ledgerToCells(ledger);
  db.run('INSERT OR REPLACE INTO mailbox_ledger VALUES (?, ?, ?)', id, claims, agreements);
}

/** `before`: how many waited, where the mailbox was known. */
function writeWaiting(db: Database, id: number, waiting: MailboxCounts['waiting'], before: unknown): void {
  if (waiting.length > 0) db.run('INSERT OR REPLACE INTO mailbox_waiting VALUES (?, ?)', id, guidsToCell(waiting));
  else if (before !== undefined && before !== 0) db.run('DELETE FROM mailbox_waiting WHERE mailbox = ?', id);
}

function parseSummary(row: Row, { hosts, clocks }: Numbered): MailboxSummary {
  return {
    state: {
      name: asFilledText(row.name, 'mailbox.name'),
      clock: clocks.fromCell(row.clock, 'mailbox.clock'),
      highestModseq: asCount(row.highest_modseq, 'mailbox.highest_modseq'),
      validity: parseValidity(row),
      uidNext: asCount(row.uid_next, 'mailbox.uid_next'),
      exists: parseRegister(row.exists_on, row.exists_modseq, row.exists_host, hosts),
      subscribed: parseRegister(row.subscribed_on, row.subscribed_modseq, row.subscribed_host, hosts),
    },
    storeUids: parseStoreUids(row),
    stored: asBoolean(row.stored, 'mailbox.stored'),
    storeSubscribed: asBoolean(row.store_subscribed, 'mailbox.store_subscribed'),
    fingerprint: asNullable(row.fingerprint, 'mailbox.fingerprint', asText),
    mailboxId: asNullable(row.mailbox_id, 'mailbox.mailbox_id', asText),
    messages: asCount(row.messages, 'mailbox.messages'),
    waiting: asCount(row.waiting, 'mailbox.waiting'),
    leftovers: asCount(row.leftovers, 'mailbox.leftovers'),
  };
}

function parseRegister(on: unknown, modseq: unknown, host: unknown, hosts: HostTable): FlagRegister {
  return {
    on: asBoolean(on, 'a register of mailbox'),
    modseq: asCount(modseq, 'a register of mailbox'),
    host: hosts.hostOf(host, 'a register of mailbox'),
  };
}

function parseValidity(row: Row): Validity | null {
  const resets = asNullable(row.resets, 'mailbox.resets', asCount);
  const uidValidity = asNullable(row.uid_validity, 'mailbox.uid_validity', asCount);
  if (resets === null && uidValidity === null) return null;
  if (resets !== null && uidValidity !== null) return { resets, uidValidity };
  throw new Garbled('mailbox.uid_validity is there by half');
}

function parseStoreUids(row: Row): KnownMailbox['storeUids'] {
  const uidValidity = asNullable(row.store_uid_validity, 'mailbox.store_uid_validity', asCount);
  const uidNext = asNullable(row.store_uid_next, 'mailbox.store_uid_next', asCount);
  if (uidValidity === null && uidNext === null) return null;
  if (uidValidity !== null && uidNext !== null) return { uidValidity, uidNext };
  throw new Garbled('mailbox.store_uid_next is there by half');
}

/** The values of `columns`, in their order. */
function mailboxCells(
  { state, storeUids, ...known }: KnownMailbox,
  revision: number,
  counts: MailboxCounts,
  { hosts, clocks }: Numbered,
): SqlValue[] {
  return [
    revision,
    clocks.toCell(state.clock),
    state.highestModseq,
    state.validity?.resets ?? null,
    state.validity?.uidValidity ?? null,
    state.uidNext,
    Number(state.exists.on),
    state.exists.modseq,
    hosts.numberOf(state.exists.host),
    Number(state.subscribed.on),
    state.subscribed.modseq,
    hosts.numberOf(state.subscribed.host),
    storeUids?.uidValidity ?? null,
    storeUids?.uidNext ?? null,
    Number(known.stored),
    Number(known.storeSubscribed),
    known.fingerprint,
    known.mailboxId,
    counts.messages,
    counts.waiting.length,
    counts.leftovers,
    state.name,
  ];
}

/** Births beyond a clock whose messages are alive. */
function countBeyond(tables: Pick<OpenTables, 'db' | 'hosts' | 'clocks'>, name: MailboxName, clock: Clock): number {
  const { db, hosts } = tables;
  const row = firstRow(db, 'SELECT * FROM mailbox WHERE name = ?', name);
  if (row === undefined) return 0;
  const id = asCount(row.id, 'mailbox.id');
  const { state } = parseSummary(row, tables);
  let count = 0;
  for (const [host, { serial }] of state.clock) {
    const known = tickOf(clock, host).serial;
    if (known >= serial) continue;
    const sql = 'SELECT count(*) AS count FROM instance WHERE mailbox = ? AND host = ? AND serial > ?';
    count += asCount(firstRow(db, sql, id, hosts.numberOf(host), known)?.count, 'the count of messages');
  }
  return count;
}
