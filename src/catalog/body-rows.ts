import type { BodySum } from '../mail/body-sum.js';
import type { Guid } from '../mail/guid.js';
import { asCount, asGuid } from './cell.js';
import { guidToCell } from './guid-cells.js';
import { type Database, firstRow } from './sqlite.js';

export function readBody(db: Database, guid: Guid): BodySum | null {
  const row = firstRow(db, 'SELECT size, crc FROM body WHERE guid = ?', guidToCell(guid));
  return row === undefined ? null : { sizeBytes: asCount(row.size, 'body.size'), crc: asCount(row.crc, 'body.crc') };
}

/** Every text here with one of these bodies, for one look at all of them. */
export function findBodies(db: Database, bodies: Iterable<BodySum>): [Guid, BodySum][] {
  const wanted = JSON.stringify(Array.from(bodies, ({ sizeBytes, crc }) => `${sizeBytes} ${crc}`));
  const select = `SELECT lower(hex(guid)) AS guid, size, crc FROM body
    WHERE size || ' ' || crc IN (SELECT value FROM json_each(?)) ORDER BY body.guid`;
  return db.all(select, wanted).map((row) => {
    const body = { sizeBytes: asCount(row.size, 'body.size'), crc: asCount(row.crc, 'body.crc') };
    return [asGuid(row.guid, 'body.guid'), body];
  });
}

/** In the order of their guids: a hundred thousand rows in any other are written all over the table. */
export function writeBodies(db: Database, bodies: Iterable<readonly [Guid, BodySum]>): void {
  for (const [guid, { sizeBytes, crc }] of [...bodies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    db.run('INSERT OR IGNORE INTO body (guid, size, crc) VALUES (?, ?, ?)', guidToCell(guid), sizeBytes, crc);
  }
}

/** Forgets the body of a text that no message in the store has any more. */
export function dropStrayBody(db: Database, guid: Guid): void {
  const cell = guidToCell(guid);
  const remove =
    'DELETE FROM body WHERE guid = ? AND NOT EXISTS (SELECT 1 FROM holding WHERE guid = ? AND uid IS NOT NULL)';
  db.run(remove, cell, cell);
}
