import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { spellingsMax } from '../../src/catalog/interface/mailbox-catalog.js';
import { createCatalog, openCatalog } from '../../src/catalog/open-catalog.js';
import { openDatabase } from '../../src/catalog/sql/open-database.js';
import { migrate, migrations } from '../../src/catalog/sql/schema-migrations.js';
import { onEachBackend, scratch } from './backends.js';
import { cabin, holdingOf, home, identity, instanceOf, loaded, mailboxOf } from './sample.js';

onEachBackend('keywords in a catalog', (backend) => {
  const options = { waitMs: 0, backend };

  it('become one where version 0.1 kept two that differ in case: the later register holds', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    const flags = new Map([
      ['$Forwarded', { on: true, modseq: 5, host: home }],
      ['$forwarded', { on: false, modseq: 7, host: cabin }],
      ['Work', { on: true, modseq: 7, host: home }],
      ['WORK', { on: false, modseq: 6, host: cabin }],
    ]);
    const instance = instanceOf(1, { flags });
    const noted = new Set(['$Forwarded', 'Work', '(WORK)', '\\Seen']);
    catalog.save(null, mailboxOf('INBOX', [instance], [holdingOf(instance, { flags: noted })]));
    catalog.close();

    const again = await openCatalog(path, options);
    t.after(() => again.close());
    const { state, holdings } = loaded(again, 'INBOX');
    assert.deepEqual(
      [...state.instances.values()].map((each) => each.flags),
      [
        new Map([
          ['$forwarded', { on: false, modseq: 7, host: cabin }],
          ['work', { on: true, modseq: 7, host: home }],
        ]),
      ],
    );
    assert.deepEqual(
      [...holdings.values()].map((each) => each.flags),
      [new Set(['$forwarded', 'work', '\\Seen'])],
    );
  });

  it('are compared once with what their mailboxes should show, after the step from 0.1', (t) => {
    const db = openDatabase(join(scratch(t), 'catalog.db'), backend);
    t.after(() => db.close());
    db.exec('PRAGMA locking_mode = EXCLUSIVE');
    migrate(db, { steps: migrations.slice(0, 1) });
    const names = ['INBOX', 'Plain', 'Left'];
    for (const [id, name] of names.entries()) {
      const values = `${id}, '${name}', 1, '[]', 1, 1, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0`;
      db.exec(`INSERT INTO mailbox (id, name, revision, clock, highest_modseq, uid_next, exists_on, exists_modseq, exists_host,
        subscribed_on, subscribed_modseq, subscribed_host, stored, store_subscribed, messages, waiting, leftovers) VALUES (${values})`);
    }
    for (const [mailbox, flags] of [`["\\\\Seen","Work"]`, `["\\\\Seen"]`].entries()) {
      db.run("INSERT INTO holding VALUES (?, 'one', 0, 1, 1, ?, x'00')", mailbox, flags);
    }
    db.exec(`INSERT INTO note VALUES ('unsettled', '["Left"]')`);
    migrate(db, { steps: migrations });
    const [row] = db.all("SELECT value FROM note WHERE key = 'unsettled'");
    assert.deepEqual(JSON.parse(String(row?.value)).sort(), ['INBOX', 'Left']);
  });

  it('are remembered as they were first spelt, in capitals, and not without end', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const catalog = await createCatalog(path, identity, options);
    catalog.noteSpellings(['$Forwarded', '$FORWARDED', 'lower', 'not a keyword', '\\Seen']);
    catalog.noteSpellings(['$forwARDED', 'Work']);
    const expected = new Map([
      ['$forwarded', '$Forwarded'],
      ['work', 'Work'],
    ]);
    assert.deepEqual(catalog.spellings(), expected);
    catalog.close();
    const again = await openCatalog(path, options);
    t.after(() => again.close());
    assert.deepEqual(again.spellings(), expected);
    again.noteSpellings(Array.from({ length: spellingsMax + 5 }, (_, n) => `K${n}`));
    assert.equal(again.spellings().size, spellingsMax);
  });
});
