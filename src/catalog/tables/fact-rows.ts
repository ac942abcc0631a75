import type { FactCatalog } from '../interface/fact-catalog.js';
import { firstRow } from '../sql/database.js';
import { asText } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** Facts by their keys, in the table `note`. */
export function factCatalog({ db, read, change }: OpenTables): FactCatalog {
  return {
    note: (key) =>
      read(() => {
        const row = firstRow(db, 'SELECT value FROM note WHERE key = ?', key);
        return row === undefined ? null : asText(row.value, 'note.value');
      }),
    setNote: (key, value) =>
      change(() => {
        if (value === null) db.run('DELETE FROM note WHERE key = ?', key);
        else db.run('INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)', key, value);
      }),
    notes: () =>
      read(() => {
        const rows = db.all('SELECT key, value FROM note ORDER BY key');
        return new Map(rows.map((row) => [asText(row.key, 'note.key'), asText(row.value, 'note.value')]));
      }),
  };
}
