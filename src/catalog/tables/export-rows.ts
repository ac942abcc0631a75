import type { ExportCatalog, Exported } from '../interface/export-catalog.js';
import { type Database, firstRow } from '../sql/database.js';
import {
  asCount,
  asFilledText,
  asHostId,
  asHostIds,
  asList,
  asNullable,
  asText,
  asTime,
  asTuple,
} from '../sql/parse-column.js';
import { guidsFromCell, guidsToCell } from './guid-column.js';
import type { OpenTables } from './shared-by-all-tables.js';
import type { ClockCells } from './version-vector-column.js';

function readExports(db: Database, clocks: ClockCells): Exported[] {
  return db.all('SELECT * FROM export ORDER BY number').map((row) => ({
    number: asCount(row.number, 'export.number'),
    fileName: asFilledText(row.file_name, 'export.file_name'),
    sizeBytes: asCount(row.size, 'export.size'),
    imprint: asText(row.imprint, 'export.imprint'),
    madeAtS: asTime(row.made_at, 'export.made_at'),
    recipients: new Set(asHostIds(row.recipients, 'export.recipients')),
    base: clocks.fromMapCell(row.base, 'export.base'),
    carried: clocks.fromMapCell(row.carried, 'export.carried'),
    clocks: clocks.fromMapCell(row.clocks, 'export.clocks'),
    wanted: new Set(guidsFromCell(row.wanted, 'export.wanted')),
    answered: new Set(guidsFromCell(row.answered, 'export.answered')),
    unheard: new Set(asHostIds(row.unheard, 'export.unheard')),
    relayed: new Map(
      asList(row.relayed, 'export.relayed').map((item) => {
        const [host, digest] = asTuple(item, 2, 'export.relayed');
        return [asHostId(host, 'export.relayed'), asText(digest, 'export.relayed')];
      }),
    ),
    lastSeen: asCount(row.last_seen, 'export.last_seen'),
  }));
}

/** Also remembers it as the last export, which stays known after the bundle is superseded. */
function writeExport(db: Database, clocks: ClockCells, exported: Exported): void {
  db.run(
    `INSERT OR REPLACE INTO export (number, file_name, size, imprint, made_at, recipients, base, carried, clocks, wanted,
       answered, unheard, relayed, last_seen)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    exported.number,
    exported.fileName,
    exported.sizeBytes,
    exported.imprint,
    exported.madeAtS,
    JSON.stringify([...exported.recipients]),
    clocks.toMapCell(exported.base),
    clocks.toMapCell(exported.carried),
    clocks.toMapCell(exported.clocks),
    guidsToCell(exported.wanted),
    guidsToCell(exported.answered),
    JSON.stringify([...exported.unheard]),
    JSON.stringify([...exported.relayed]),
    exported.lastSeen,
  );
  db.run(
    'UPDATE identity SET last_export_number = ?, last_export_at = ? WHERE ifnull(last_export_number, 0) <= ?',
    exported.number,
    exported.madeAtS,
    exported.number,
  );
}

function readLastExport(db: Database): { number: number; madeAtS: number } | null {
  const row = firstRow(db, 'SELECT last_export_number AS number, last_export_at AS at FROM identity');
  const number = asNullable(row?.number, 'identity.last_export_number', asCount);
  const madeAtS = asNullable(row?.at, 'identity.last_export_at', asTime);
  return number === null || madeAtS === null ? null : { number, madeAtS };
}

/** The number that no bundle has had yet. */
function readNextNumber(db: Database): number {
  return asCount(firstRow(db, 'SELECT next_number AS number FROM identity')?.number, 'identity.next_number');
}

/** The next number, and counts it as used. */
function takeExportNumber(db: Database): number {
  const number = readNextNumber(db);
  db.run('UPDATE identity SET next_number = ?', number + 1);
  return number;
}

/** The bundles that this host has written, in the table `export`; their numbers in `identity`. */
export function exportCatalog({ db, clocks, read, change }: OpenTables): ExportCatalog {
  return {
    exports: () => read(() => readExports(db, clocks)),
    exportNumbers: () =>
      read(() =>
        db.all('SELECT number FROM export ORDER BY number').map((row) => asCount(row.number, 'export.number')),
      ),
    putExport: (exported) => change(() => writeExport(db, clocks, exported)),
    dropExport: (number) => change(() => db.run('DELETE FROM export WHERE number = ?', number)),
    lastExport: () => read(() => readLastExport(db)),
    lastNumber: () => read(() => readNextNumber(db) - 1),
    takeNumber() {
      let number = 0;
      change(() => {
        number = takeExportNumber(db);
      });
      return number;
    },
  };
}
