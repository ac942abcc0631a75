import type { TakenBundleCatalog } from '../interface/taken-bundle-catalog.js';
import { asText, asTime } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** The bundle files that need not be read again, in the table `taken`. */
export function takenBundleCatalog({ db, read, change }: OpenTables): TakenBundleCatalog {
  return {
    isTaken: (imprint) => read(() => db.all('SELECT 1 FROM taken WHERE imprint = ?', imprint).length > 0),
    markTaken: (imprint, atS) =>
      change(() => db.run('INSERT OR IGNORE INTO taken (imprint, at) VALUES (?, ?)', imprint, atS)),
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
