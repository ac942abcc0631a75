import { type TakenBundleCatalog, takenMax } from '../interface/taken-bundle-catalog.js';
import { firstRow } from '../sql/database.js';
import { asCount, asText, asTime } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** The bundle files that need not be read again, in the table `taken`. */
export function takenBundleCatalog({ db, read, change }: OpenTables): TakenBundleCatalog {
  return {
    isTaken: (imprint) => read(() => db.all('SELECT 1 FROM taken WHERE imprint = ?', imprint).length > 0),
    markTaken: (imprint, atS, host) =>
      change(() => {
        db.run('INSERT OR IGNORE INTO taken (imprint, at, host) VALUES (?, ?, ?)', imprint, atS, host);
        const rows = asCount(firstRow(db, 'SELECT count(*) AS n FROM taken WHERE host = ?', host)?.n, 'rows of taken');
        if (rows <= takenMax) return;
        const oldest = 'SELECT imprint FROM taken WHERE host = ? ORDER BY at, imprint LIMIT ?';
        db.run(`DELETE FROM taken WHERE imprint IN (${oldest})`, host, rows - takenMax);
      }),
    takenImprints: () =>
      read(() =>
        db.all('SELECT imprint, at FROM taken ORDER BY imprint').map((row) => ({
          imprint: asText(row.imprint, 'taken.imprint'),
          atS: asTime(row.at, 'taken.at'),
        })),
      ),
    forgetTaken: () => change(() => db.run('DELETE FROM taken')),
  };
}
