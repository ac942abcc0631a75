import type { HostId } from '../../replica/host-id.js';
import type { KeptStatement, StatementCatalog } from '../interface/statement-catalog.js';
import { type Database, firstRow } from '../sql/database.js';
import { asBoolean, asCount, asFilledText, asHostId, asText } from '../sql/parse-column.js';
import type { OpenTables } from './shared-by-all-tables.js';

/** By host id. */
function readStatementNumbers(db: Database): ReturnType<StatementCatalog['statementNumbers']> {
  const rows = db.all(
    'SELECT host_id, number, verified, said_by, length(CAST(text AS BLOB)) AS size FROM statement ORDER BY host_id',
  );
  return new Map(
    rows.map((row) => [
      asHostId(row.host_id, 'statement.host_id'),
      {
        number: asCount(row.number, 'statement.number'),
        isVerified: asBoolean(row.verified, 'statement.verified'),
        saidBy: asHostId(row.said_by, 'statement.said_by'),
        sizeBytes: asCount(row.size, 'the size of a statement'),
      },
    ]),
  );
}

function readStatement(db: Database, host: HostId): KeptStatement | null {
  const row = firstRow(db, 'SELECT * FROM statement WHERE host_id = ?', host);
  if (row === undefined) return null;
  return {
    hostId: asHostId(row.host_id, 'statement.host_id'),
    number: asCount(row.number, 'statement.number'),
    text: asFilledText(row.text, 'statement.text'),
    sig: asText(row.sig, 'statement.sig'),
    isVerified: asBoolean(row.verified, 'statement.verified'),
    saidBy: asHostId(row.said_by, 'statement.said_by'),
  };
}

function writeStatement(db: Database, { hostId, number, text, sig, isVerified, saidBy }: KeptStatement): void {
  db.run(
    'INSERT OR REPLACE INTO statement (host_id, number, verified, said_by, text, sig) VALUES (?, ?, ?, ?, ?, ?)',
    hostId,
    number,
    Number(isVerified),
    saidBy,
    text,
    sig,
  );
}

/** The newest statement of each host, in the table `statement`. */
export function statementCatalog({ db, read, change }: OpenTables): StatementCatalog {
  return {
    statementNumbers: () => read(() => readStatementNumbers(db)),
    statementOf: (host) => read(() => readStatement(db, host)),
    putStatement: (statement) => change(() => writeStatement(db, statement)),
    dropStatement: (host) => change(() => db.run('DELETE FROM statement WHERE host_id = ?', host)),
  };
}
