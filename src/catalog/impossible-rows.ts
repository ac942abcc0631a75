import type { Guid } from '../mail/guid.js';
import { asGuid } from './cell.js';
import { guidToCell } from './guid-cells.js';
import type { Database } from './sqlite.js';

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
