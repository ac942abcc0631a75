import type { BodySum, KnownBody } from '../../mail/text/body-checksum.js';
import type { TextMarks } from '../../mail/text/rolling-prefix-hash.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { type Database, firstRow, type Row } from '../sql/database.js';
import { asCount, asGuid, Garbled } from '../sql/parse-column.js';
import { guidToCell } from './guid-column.js';

/** The body of a text that is in the store; null where it was not noted. */
export function readBody(db: Database, guid: Guid): KnownBody | null {
  const row = firstRow(db, 'SELECT size, crc, text_size, marks FROM body WHERE guid = ?', guidToCell(guid));
  if (row === undefined) return null;
  return { sizeBytes: asCount(row.size, 'body.size'), crc: asCount(row.crc, 'body.crc'), marks: marksOf(row) };
}

/** Every text here with one of these bodies, for one look at all of them. */
export function findBodies(db: Database, bodies: Iterable<Omit<BodySum, 'marks'>>): [Guid, Omit<BodySum, 'marks'>][] {
  const wanted = JSON.stringify(Array.from(bodies, ({ sizeBytes, crc }) => `${sizeBytes} ${crc}`));
  const select = `SELECT lower(hex(guid)) AS guid, size, crc FROM body
    WHERE size || ' ' || crc IN (SELECT value FROM json_each(?)) ORDER BY body.guid`;
  return db.all(select, wanted).map((row) => {
    const body = { sizeBytes: asCount(row.size, 'body.size'), crc: asCount(row.crc, 'body.crc') };
    return [asGuid(row.guid, 'body.guid'), body];
  });
}

function marksOf({ text_size: size, marks: bits }: Row): TextMarks | null {
  if (bits === null) return null;
  if (!(bits instanceof Uint8Array)) throw new Garbled('body.marks are no bytes');
  return { sizeBytes: asCount(size, 'body.text_size'), bits };
}

/** A catalog of 0.1 has bodies without marks. */
const insert = `INSERT INTO body (guid, size, crc, text_size, marks) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (guid) DO UPDATE SET text_size = excluded.text_size, marks = excluded.marks WHERE marks IS NULL`;

/** In the order of their guids: a hundred thousand rows in any other are written all over the table. */
export function writeBodies(db: Database, bodies: Iterable<readonly [Guid, BodySum]>): void {
  for (const [guid, { sizeBytes, crc, marks }] of [...bodies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    db.run(insert, guidToCell(guid), sizeBytes, crc, marks.sizeBytes, marks.bits);
  }
}

/** Forgets the body of a text that no message in the store has any more. */
export function dropStrayBody(db: Database, guid: Guid): void {
  const cell = guidToCell(guid);
  const remove =
    'DELETE FROM body WHERE guid = ? AND NOT EXISTS (SELECT 1 FROM holding WHERE guid = ? AND uid IS NOT NULL)';
  db.run(remove, cell, cell);
}
