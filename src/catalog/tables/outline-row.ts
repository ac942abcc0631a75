import type { Outline } from '../../replica/mailbox-outline.js';
import { formatRanges } from '../../replica/number-ranges.js';
import { type Database, firstRow } from '../sql/database.js';
import { asCount, asList, asNullable, asRanges, asTuple } from '../sql/parse-column.js';
import type { HostTable } from './host-number-rows.js';

const select = 'SELECT uid_validity, living, open, stamps, files FROM mailbox_outline WHERE mailbox = ?';
const replace = 'INSERT OR REPLACE INTO mailbox_outline VALUES (?, ?, ?, ?, ?, ?)';

/**
 * The outline of the mailbox with this row id; null where none was written. All its parts are JSON lists: `[host,
 * ranges]`, `[host, serial]`, `[host, modseq]`, with the numbers of hosts.
 */
export function readOutline(db: Database, mailbox: number, hosts: HostTable): Outline | null {
  const row = firstRow(db, select, mailbox);
  if (row === undefined) return null;
  const what = 'mailbox_outline';
  const pairs = <T>(cell: unknown, parse: (host: unknown, other: unknown) => T): T[] =>
    asList(cell, what).map((entry) => {
      const [host, other] = asTuple(entry, 2, what);
      return parse(host, other);
    });
  return {
    uidValidity: asNullable(row.uid_validity, what, asCount) ?? undefined,
    living: new Map(pairs(row.living, (host, ranges) => [hosts.someHostOf(host, what), asRanges(ranges, what)])),
    open: new Set(pairs(row.open, (host, serial) => hosts.birthKeyOf(host, serial, what))),
    stamps: new Map(pairs(row.stamps, (host, modseq) => [hosts.hostOf(host, what), asCount(modseq, what)])),
    files: asCount(row.files, what),
  };
}

/** Writes it in the place of the one that was there. */
export function writeOutline(db: Database, mailbox: number, outline: Outline, hosts: HostTable): void {
  const { uidValidity = null, living, open, stamps, files } = outline;
  db.run(
    replace,
    mailbox,
    uidValidity,
    JSON.stringify([...living].map(([host, ranges]) => [hosts.numberOf(host), formatRanges(ranges)])),
    JSON.stringify([...open].map((birth) => hosts.birthOf(birth))),
    JSON.stringify([...stamps].map(([host, modseq]) => [hosts.numberOf(host), modseq])),
    files,
  );
}
