import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import { describeHostile, hostileSchedules, runHostile } from './model-hostile.js';

// Histories with a host among others that lies about them, and that all others let do little.

const seed = 20080101;

for (const [right, as] of [
  ['read', 'end just as they would if it had never said anything'],
  ['append', 'have all mail that it never had just as if it had never said anything'],
] as const) {
  test(`whatever a host says that may ${right}, the others refuse nobody, and ${as}`, () => {
    fc.assert(
      fc.property(hostileSchedules(right), (scene) => {
        assert.equal(runHostile(scene).complaint, null, describeHostile(scene));
      }),
      { seed, numRuns: casesTried(40) },
    );
  });
}
