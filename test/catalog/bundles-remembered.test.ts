import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import {
  boundBundles,
  manifestOf,
  rememberBundle,
} from '../../src/catalog/facts/bundles/manifests-by-bundle-number.js';
import { takenMax } from '../../src/catalog/interface/taken-bundle-catalog.js';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { onEachBackend, scratch } from './backends.js';
import { cabin, home, identity } from './sample.js';

// A peer may write any number of bundles.

onEachBackend('bundles of a peer', (backend) => {
  it('are remembered up to a number, the oldest are forgotten first, and those of others stay', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, { waitMs: 0, backend });
    t.after(() => catalog.close());
    catalog.transaction(() => {
      catalog.markTaken('of home', 0, home);
      for (let n = 1; n <= takenMax + 3; n++) catalog.markTaken(`of the cabin ${n}`, n, cabin);
    });
    assert.equal(catalog.takenImprints().length, takenMax + 1);
    assert.deepEqual(
      ['of home', 'of the cabin 3', 'of the cabin 4'].map((imprint) => catalog.isTaken(imprint)),
      [true, false, true],
    );
  });

  it('are known by their numbers likewise; those of this host stay', async (t) => {
    const catalog = await createCatalog(join(scratch(t), 'catalog.db'), identity, { waitMs: 0, backend });
    t.after(() => catalog.close());
    catalog.transaction(() => {
      for (let number = 1; number <= 2 * takenMax + 1; number++) {
        for (const host of [cabin, identity.hostId]) rememberBundle(catalog, host, { number, manifestSha256: 'x' });
      }
      boundBundles(catalog);
    });
    const isKnown = (host: string, number: number): boolean => manifestOf(catalog, host, number) !== null;
    assert.deepEqual([isKnown(cabin, takenMax + 1), isKnown(cabin, takenMax + 2)], [false, true]);
    assert.ok(isKnown(identity.hostId, 1));
  });
});
