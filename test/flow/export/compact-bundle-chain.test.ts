import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Exported } from '../../../src/catalog/interface/export-catalog.js';
import { foldedBundlesMin, lastingPart } from '../../../src/flow/export/compact-bundle-chain.js';

function chainOf(sizes: readonly number[]): Exported[] {
  return sizes.map((sizeBytes, index) => ({
    ...{ number: index + 1, fileName: `home-${index + 1}`, sizeBytes, imprint: '', madeAtS: 0 },
    ...{ recipients: new Set<string>(), base: new Map(), carried: new Map(), clocks: new Map() },
    ...{ wanted: new Set<string>(), answered: new Set<string>(), unheard: new Set<string>(), relayed: new Map() },
    lastSeen: index + 1,
  }));
}

describe('the part of a chain that stays', () => {
  it('is all of a short one', () => {
    const chain = chainOf(Array.from({ length: foldedBundlesMin - 1 }, () => 1));
    assert.equal(lastingPart(chain).length, chain.length);
  });

  it('is the first large bundle where small ones follow', () => {
    assert.equal(lastingPart(chainOf([1_000_000, ...Array.from({ length: 20 }, () => 500)])).length, 1);
  });

  it('keeps every bundle that is larger than all that follow, and none behind one that is not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1 << 30 }), { minLength: foldedBundlesMin, maxLength: 60 }),
        (sizes) => {
          const lasting = lastingPart(chainOf(sizes)).length;
          const after = (at: number): number => sizes.slice(at + 1).reduce((sum, size) => sum + size, 0);
          for (let at = 0; at < lasting; at++) assert.ok((sizes[at] ?? 0) > after(at));
          if (lasting < sizes.length) assert.ok((sizes[lasting] ?? 0) <= after(lasting));
          assert.ok(lasting <= 31, 'sizes that more than double with every step back');
        },
      ),
    );
  });

  it('grows with what there is to tell, however often something small is added', () => {
    let chain: number[] = [];
    let written = 0;
    for (let round = 0; round < 2000; round++) {
      const lasting = lastingPart(chainOf(chain)).length;
      const size = 100 + chain.slice(lasting).reduce((sum, bytes) => sum + bytes, 0);
      chain = [...chain.slice(0, lasting), size];
      written += size;
      assert.ok(chain.length <= foldedBundlesMin);
    }
    assert.ok(written < 100 * 2000 * Math.log2(2000), `${written} bytes were written for ${100 * 2000}`);
  });
});
