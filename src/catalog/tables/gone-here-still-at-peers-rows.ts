import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { Departed, GoneMessageCatalog } from '../interface/gone-message-catalog.js';
import type { Database } from '../sql/database.js';
import { asBoolean, asCount, asFilledText, asGuid, asTextId } from '../sql/parse-column.js';
import { guidToCell, sameToCell } from './guid-column.js';
import type { HostTable } from './host-number-rows.js';
import type { OpenTables } from './shared-by-all-tables.js';

function addDeparted(db: Database, hosts: HostTable, rows: readonly Departed[]): void {
  const insert =
    'INSERT OR REPLACE INTO departed (mailbox, host, serial, guid, same, modseq, told) VALUES (?, ?, ?, ?, ?, ?, ?)';
  for (const { mailbox, birth, modseq, told, ...text } of rows) {
    db.run(insert, mailbox, ...hosts.birthOf(birth), guidToCell(text.guid), sameToCell(text), modseq, Number(told));
  }
}

function readDeparted(db: Database, hosts: HostTable): Departed[] {
  const select =
    'SELECT mailbox, host, serial, lower(hex(guid)) AS guid, lower(hex(same)) AS same, modseq, told FROM departed ORDER BY mailbox, host, serial';
  return db.all(select).map((row) => ({
    mailbox: asFilledText(row.mailbox, 'departed.mailbox'),
    birth: hosts.birthKeyOf(row.host, row.serial, 'departed'),
    ...asTextId(row.guid, row.same, 'departed'),
    modseq: asCount(row.modseq, 'departed.modseq'),
    told: asBoolean(row.told, 'departed.told'),
  }));
}

function readMailGoneFrom(db: Database, mailbox: MailboxName): Set<Guid> {
  const of = (table: 'departed' | 'trash'): string =>
    `SELECT lower(hex(ifnull(same, guid))) AS same FROM ${table} WHERE mailbox = ?`;
  const rows = db.all(`${of('departed')} UNION ${of('trash')}`, mailbox, mailbox);
  return new Set(rows.map(({ same }) => asGuid(same, 'departed.same')));
}

function dropDeparted(db: Database, hosts: HostTable, rows: readonly Departed[]): void {
  const remove = 'DELETE FROM departed WHERE mailbox = ? AND host = ? AND serial = ?';
  for (const { mailbox, birth } of rows) db.run(remove, mailbox, ...hosts.birthOf(birth));
}

/** Messages that went from here while peers may still hold them, in the table `departed`. */
export function goneMessageCatalog({ db, hosts, read, change }: OpenTables): GoneMessageCatalog {
  return {
    addDeparted: (rows) => change(() => addDeparted(db, hosts, rows)),
    departed: () => read(() => readDeparted(db, hosts)),
    mailGoneFrom: (mailbox) => read(() => readMailGoneFrom(db, mailbox)),
    dropDeparted: (rows) => change(() => dropDeparted(db, hosts, rows)),
  };
}
