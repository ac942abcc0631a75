import type { LogCatalog, LogEntry } from '../interface/log-catalog.js';
import type { Database } from '../sql/database.js';
import { asFilledText, asJson, asTime, Garbled } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** Entries kept: three a day for nine years. Older ones go, so that a cron job every minute does not fill a disk. */
const logEntriesMax = 10_000;

function appendLog(db: Database, { atS, what, details }: LogEntry): void {
  db.run('INSERT INTO log (at, what, details) VALUES (?, ?, ?)', atS, what, JSON.stringify(details));
  db.run('DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?', logEntriesMax);
}

/** The last `limit` entries, newest last. */
function readLog(db: Database, limit: number): LogEntry[] {
  const rows = db.all('SELECT at, what, details FROM log ORDER BY id DESC LIMIT ?', limit);
  return rows.reverse().map((row) => ({
    atS: asTime(row.at, 'log.at'),
    what: parseWhat(row.what),
    details: parseDetails(row.details),
  }));
}

function parseWhat(value: unknown): LogEntry['what'] {
  const what = asFilledText(value, 'log.what');
  switch (what) {
    case 'export':
    case 'import':
    case 'scan':
    case 'restore':
    case 'forget':
    case 'rejoin':
      return what;
  }
  throw new Garbled('log.what is nothing that is ever logged');
}

function parseDetails(value: unknown): Record<string, unknown> {
  const details = asJson(value, 'log.details');
  if (typeof details === 'object' && details !== null && !Array.isArray(details))
    return details as Record<string, unknown>;
  throw new Garbled('log.details is not an object');
}

/** What the runs of this host have done, in the table `log`. */
export function logCatalog({ db, read, change }: OpenTables): LogCatalog {
  return {
    log: (entry) => change(() => appendLog(db, entry)),
    entries: (limit) => read(() => readLog(db, limit)),
  };
}
