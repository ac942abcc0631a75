import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import { fileCopies, firstContacts, meetAsCopies, meetForTheFirstTime } from './model-scenes.js';

const seed = 20080101;

test('hosts with much the same mail have each text once, or as often as one of them wanted it, and write nothing twice', () => {
  fc.assert(
    fc.property(firstContacts, (scene) => assert.equal(meetForTheFirstTime(scene), null)),
    { seed, numRuns: casesTried(300) },
  );
});

test('hosts that began as copies of the same files renumber nothing, and nothing is done to any store', () => {
  fc.assert(
    fc.property(fileCopies, (scene) => assert.equal(meetAsCopies(scene), null)),
    { seed, numRuns: casesTried(200) },
  );
});
