import { type Database, firstRow } from './database.js';
import { asList } from './parse-column.js';

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
    const cell = firstRow(db, sql, mailbox, ...after)?.rows;
    if (!(cell instanceof Uint8Array)) return; // no row at all
    const rows = asList(
      `[${Buffer.from(cell.buffer, cell.byteOffset, cell.byteLength).toString()}]`,
      'a chunk of rows',
    );
    yield rows;
    if (rows.length < chunkRows) return;
    after = range.keyOf(rows[rows.length - 1]);
  }
}
