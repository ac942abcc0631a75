import type { Guid } from '../../mail/text/text-guid.js';
import type { Database } from '../sql/database.js';
import { asGuid } from '../sql/parse-column.js';
import { guidToCell } from './guid-column.js';

export function readImpossible(db: Database): ReadonlySet<Guid> {
  return new Set(
    db.all('SELECT lower(hex(guid)) AS guid FROM impossible').map(({ guid }) => asGuid(guid, 'impossible.guid')),
  );
}

/** Forgets at the same time those that no message is said to have any more. */
export function writeImpossible(db: Database, guids: Iterable<Guid>): void {
  for (const guid of guids) db.run('INSERT OR IGNORE INTO impossible (guid) VALUES (?)', guidToCell(guid));
  db.run('DELETE FROM impossible WHERE guid NOT IN (SELECT guid FROM instance)');
}
