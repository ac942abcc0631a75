import type { MailboxName } from '../../mail/mailbox-name.js';
import type { DamagedTextCatalog, FlawedText, NewFlaw } from '../interface/damaged-text-catalog.js';
import type { Database, Row } from '../sql/database.js';
import { asFilledText, asGuid, asNullable, asTextId, Garbled } from '../sql/parse-column.js';
import { guidToCell } from './guid-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** CROSS makes SQLite begin with the table that is mostly empty. */
const selectFlaws = `
  SELECT name, ref, kind, lower(hex(holding.guid)) AS guid, lower(hex(holding.same)) AS same,
    lower(hex(instance.guid)) AS wanted, lower(hex(found)) AS found, successor
  FROM flaw CROSS JOIN mailbox ON id = mailbox CROSS JOIN holding USING (mailbox, ref)
  CROSS JOIN instance USING (mailbox, host, serial) ORDER BY name, ref`;

/** Every flaw of a living message, by mailbox and ref. */
export function readFlaws(db: Database): FlawedText[] {
  return db.all(selectFlaws).map((row) => ({
    ...placeOf(row),
    ...asTextId(row.guid, row.same, 'holding'),
    wanted: asGuid(row.wanted, 'instance.guid'),
    kind: asKind(row.kind),
    found: row.found === '' ? null : asGuid(row.found, 'flaw.found'),
    successor: asNullable(row.successor, 'flaw.successor', asFilledText),
  }));
}

function writeFlaw(db: Database, { mailbox, ref, kind, found, successor = null }: NewFlaw): void {
  const insert = `
    INSERT INTO flaw (mailbox, ref, kind, found, successor) SELECT id, ?, ?, ?, ? FROM mailbox WHERE name = ?
    ON CONFLICT (mailbox, ref) DO UPDATE
      SET kind = excluded.kind, found = excluded.found, successor = ifnull(excluded.successor, successor)`;
  db.run(insert, ref, kind, found === null ? null : guidToCell(found), successor, mailbox);
}

/** Also of messages that are not alive any more. */
function readSuccessors(db: Database, mailbox: MailboxName): ReadonlyMap<string, string> {
  const select =
    'SELECT ref, successor FROM flaw JOIN mailbox ON id = mailbox WHERE name = ? AND successor IS NOT NULL';
  const rows = db.all(select, mailbox);
  return new Map(rows.map((row) => [asFilledText(row.successor, 'flaw.successor'), asFilledText(row.ref, 'flaw.ref')]));
}

function removeFlaw(db: Database, mailbox: MailboxName, ref: string): void {
  db.run('DELETE FROM flaw WHERE ref = ? AND mailbox = (SELECT id FROM mailbox WHERE name = ?)', ref, mailbox);
}

/** Forgets the flaws of files that are gone from the mailbox with this row id. */
export function dropStrayFlaws(db: Database, mailbox: number): void {
  const remove = `DELETE FROM flaw WHERE mailbox = ? AND NOT EXISTS (
    SELECT 1 FROM holding WHERE holding.mailbox = flaw.mailbox AND holding.ref = flaw.ref)`;
  db.run(remove, mailbox);
}

function placeOf(row: Row): { mailbox: MailboxName; ref: string } {
  return { mailbox: asFilledText(row.name, 'mailbox.name'), ref: asFilledText(row.ref, 'holding.ref') };
}

function asKind(value: unknown): FlawedText['kind'] {
  if (value === 'damaged' || value === 'altered') return value;
  throw new Garbled('flaw.kind is neither damaged nor altered');
}

/** Messages in the store whose files do not hold their texts, in the table `flaw`. */
export function damagedTextCatalog({ db, read, change }: OpenTables): DamagedTextCatalog {
  return {
    flawedTexts: () => read(() => readFlaws(db)),
    putFlaw: (flaw) => change(() => writeFlaw(db, flaw)),
    dropFlaw: (mailbox, ref) => change(() => removeFlaw(db, mailbox, ref)),
    successorsIn: (mailbox) => read(() => readSuccessors(db, mailbox)),
  };
}
