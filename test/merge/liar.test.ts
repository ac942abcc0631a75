import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import { describeLies, lyingSchedules, promisesOf, runLies } from './model-liar.js';

// Histories with a host among the others that has every right and lies about them.

const seed = 20080101;

test('whatever a peer says that others did, none of their mail is lost, and in the end they agree', () => {
  fc.assert(
    fc.property(lyingSchedules(), (lying) => {
      const outcome = runLies(lying);
      for (const [name, property] of Object.entries(promisesOf(lying))) {
        assert.equal(property(outcome), null, `${name}\n${describeLies(lying)}`);
      }
    }),
    { seed, numRuns: casesTried(300) },
  );
});
