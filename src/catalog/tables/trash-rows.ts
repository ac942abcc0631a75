import { flagOf } from '../../mail/flags.js';
import type { TrashCatalog, Trashed } from '../interface/trash-catalog.js';
import { type Database, firstRow, type Row } from '../sql/database.js';
import { asCount, asFilledText, asList, asText, asTextId, asTime } from '../sql/parse-column.js';
import { guidToCell, sameToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import type { OpenTables } from './shared-by-all-tables.js';

const insert = `INSERT OR REPLACE INTO trash (mailbox, host, serial, guid, same, size, uid_validity, uid, flags, received, hint, at,
  seen, by_host, file_name, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

function addTrash(db: Database, hosts: HostTable, rows: readonly Trashed[]): void {
  for (const row of rows) {
    db.run(
      insert,
      row.mailbox,
      ...hosts.birthOf(row.birth),
      guidToCell(row.guid),
      sameToCell(row),
      row.sizeBytes,
      row.uidValidity,
      row.uid,
      JSON.stringify([...row.flags]),
      row.receivedS,
      row.hint,
      row.atS,
      row.seenS,
      hosts.numberOf(row.by),
      row.bundle.fileName,
      row.bundle.number,
    );
  }
}

function readTrash(db: Database, hosts: HostTable): Trashed[] {
  const select =
    'SELECT *, lower(hex(guid)) AS digits, lower(hex(same)) AS same_digits FROM trash ORDER BY seen, at, mailbox, host, serial';
  return db.all(select).map((row) => parse(row, hosts));
}

function parse(row: Row, hosts: HostTable): Trashed {
  return {
    mailbox: asFilledText(row.mailbox, 'trash.mailbox'),
    birth: hosts.birthKeyOf(row.host, row.serial, 'trash'),
    ...asTextId(row.digits, row.same_digits, 'trash'),
    sizeBytes: asCount(row.size, 'trash.size'),
    uidValidity: asCount(row.uid_validity, 'trash.uid_validity'),
    uid: asCount(row.uid, 'trash.uid'),
    flags: new Set(asList(row.flags, 'trash.flags').map((flag) => flagOf(asFilledText(flag, 'trash.flags')))),
    receivedS: asTime(row.received, 'trash.received'),
    hint: asText(row.hint, 'trash.hint'),
    atS: asTime(row.at, 'trash.at'),
    seenS: asCount(row.seen, 'trash.seen'),
    by: hosts.someHostOf(row.by_host, 'trash.by_host'),
    bundle: {
      fileName: asFilledText(row.file_name, 'trash.file_name'),
      number: asCount(row.number, 'trash.number'),
    },
  };
}

function dropTrash(db: Database, hosts: HostTable, rows: readonly Pick<Trashed, 'mailbox' | 'birth'>[]): void {
  const remove = 'DELETE FROM trash WHERE mailbox = ? AND host = ? AND serial = ?';
  for (const { mailbox, birth } of rows) db.run(remove, mailbox, ...hosts.birthOf(birth));
}

function hasTrashBefore(db: Database, seenS: number): boolean {
  return firstRow(db, 'SELECT 1 FROM trash WHERE seen < ? LIMIT 1', seenS) !== undefined;
}

/** A text that several messages had lies in the trash once. */
function readTrashBytes(db: Database): number {
  const select = 'SELECT coalesce(sum(size), 0) AS bytes FROM (SELECT max(size) AS size FROM trash GROUP BY guid)';
  return asCount(firstRow(db, select)?.bytes, 'the size of the trash');
}

/** Messages whose texts lie in the trash of the store, in the table `trash`. */
export function trashCatalog({ db, hosts, read, change }: OpenTables): TrashCatalog {
  return {
    addTrash: (rows) => change(() => addTrash(db, hosts, rows)),
    trash: () => read(() => readTrash(db, hosts)),
    dropTrash: (rows) => change(() => dropTrash(db, hosts, rows)),
    trashBytes: () => read(() => readTrashBytes(db)),
    dropTrashBefore(seenS) {
      if (!read(() => hasTrashBefore(db, seenS))) return false;
      change(() => db.run('DELETE FROM trash WHERE seen < ?', seenS));
      return true;
    },
  };
}
