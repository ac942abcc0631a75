import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { openDatabase } from '../../src/catalog/sql/open-database.js';
import { migrate, migrations } from '../../src/catalog/sql/schema-migrations.js';
import { onEachBackend, scratch } from './backends.js';

onEachBackend('a catalog of version 0.1', (backend) => {
  it('looks again at mailboxes without a UIDVALIDITY and at those near the end of their UIDs, and keeps what was in the trash', (t) => {
    const db = openDatabase(join(scratch(t), 'catalog.db'), backend);
    t.after(() => db.close());
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    migrate(db, { steps: migrations.slice(0, 1) });
    for (const [name, validity, uidNext] of [
      ['Empty', 'NULL', 1],
      ['Full', '100', 4_294_967_295],
      ['INBOX', '100', 5],
    ]) {
      db.exec(`INSERT INTO mailbox (name, revision, clock, highest_modseq, resets, uid_validity, uid_next, exists_on, exists_modseq,
        exists_host, subscribed_on, subscribed_modseq, subscribed_host, stored, store_subscribed, fingerprint, messages, waiting, leftovers)
        VALUES ('${name}', 1, '[]', 1, 0, ${validity}, ${uidNext}, 1, 1, 1, 0, 0, 0, 1, 0, 'as seen', 0, 0, 0)`);
    }
    db.exec(`INSERT INTO trash VALUES ('INBOX', 1, 1, x'00', 5, 100, 1, '[]', 0, 'hint', 300, 1, 'bundle', 1)`);
    migrate(db);
    const rows = db.all('SELECT name, fingerprint FROM mailbox ORDER BY name').map((row) => ({ ...row }));
    assert.deepEqual(rows, [
      { name: 'Empty', fingerprint: null },
      { name: 'Full', fingerprint: null },
      { name: 'INBOX', fingerprint: 'as seen' },
    ]);
    assert.deepEqual({ ...db.all('SELECT at, seen FROM trash')[0] }, { at: 300, seen: 0 });
  });
});
