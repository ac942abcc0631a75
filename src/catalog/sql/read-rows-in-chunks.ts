import { type Database, firstRow, type SqlValue } from './database.js';
import { asCount, asList } from './parse-column.js';

/**
 * Rows fetched at a time. They come as one JSON text, because the way from SQLite to JavaScript costs more per value
 * than per byte; not all at once, to bound that text (about 1 MB).
 */
export const chunkRows = 4000;

/**
 * All rows of one mailbox, each still to be parsed. `sql` gives one column `rows`: a JSON list, without its brackets,
 * of at most `chunkRows` rows with a key after the one bound behind the mailbox, in the order of the key; `keyOf` says
 * the key of a row. It is a BLOB: for a text the wasm implementation looks for the end byte by byte.
 */
export function* rowChunks<K extends readonly (string | number)[]>(
  db: Database,
  sql: string,
  mailbox: number,
  range: { readonly after: K; readonly keyOf: (row: unknown) => K },
): Iterable<readonly unknown[]> {
  let { after } = range;
  for (;;) {
    const rows = rowsIn(db, sql, [mailbox, ...after]);
    if (rows.length === 0) return;
    yield rows;
    if (rows.length < chunkRows) return;
    after = range.keyOf(rows[rows.length - 1]);
  }
}

/** The rows of one such list. */
export function rowsIn(db: Database, sql: string, values: readonly SqlValue[]): readonly unknown[] {
  const text = textIn(db, sql, values);
  return text === '' ? [] : asList(`[${text}]`, 'a chunk of rows');
}

/** What stands in the column `count` of the first row. */
export function countIn(db: Database, sql: string, values: readonly SqlValue[]): number {
  return asCount(firstRow(db, sql, ...values)?.count, 'a count of rows');
}

/** What stands in the column `rows`, which is a BLOB; empty where there is no row at all. */
export function textIn(db: Database, sql: string, values: readonly SqlValue[]): string {
  const cell = firstRow(db, sql, ...values)?.rows;
  return cell instanceof Uint8Array ? Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString() : '';
}
