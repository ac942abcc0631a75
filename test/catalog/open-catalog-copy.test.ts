import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createCatalog, openCatalog } from '../../src/catalog/open-catalog.js';
import { openCatalogCopy } from '../../src/catalog/open-catalog-copy.js';
import { onEachBackend, scratch } from './backends.js';
import { identity } from './sample.js';

// A look at a catalog that another run holds.

function copiesLeft(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('mrepl-look-'));
}

onEachBackend('a copy of a catalog that is held', (backend) => {
  test('has what was committed, and nothing of what was not', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const held = await createCatalog(path, identity, { waitMs: 0, backend });
    t.after(() => held.close());
    held.setNote('first', 'committed');
    await held.transaction(async () => {
      held.setNote('second', 'not yet');
      const copy = await openCatalogCopy(path, backend);
      assert.deepEqual([copy.note('first'), copy.note('second')], ['committed', null]);
      assert.deepEqual(copy.identity, identity);
      copy.close();
    });
    const later = await openCatalogCopy(path, backend);
    assert.equal(later.note('second'), 'not yet');
    later.close();
  });

  test('is whole however much was written, and leaves nothing behind', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const held = await createCatalog(path, identity, { waitMs: 0, backend });
    t.after(() => held.close());
    const before = copiesLeft();
    const text = 'x'.repeat(100_000);
    for (let round = 0; round < 60; round++) {
      // Some six megabytes: SQLite moves the log into the database on the way, and begins it anew.
      held.setNote(`note ${round}`, `${text}${round}`);
      if (round % 12 !== 0) continue;
      const copy = await openCatalogCopy(path, backend);
      assert.deepEqual(copy.integrityTroubles(), []);
      assert.equal(copy.note(`note ${round}`)?.length, text.length + String(round).length);
      copy.close();
    }
    assert.deepEqual(copiesLeft(), before);
  });

  test('what is written into it is written nowhere else', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    const held = await createCatalog(path, identity, { waitMs: 0, backend });
    const copy = await openCatalogCopy(path, backend);
    copy.setNote('mine', 'alone');
    copy.close();
    held.close();
    const again = await openCatalog(path, { waitMs: 0, backend });
    assert.equal(again.note('mine'), null);
    again.close();
  });
});
