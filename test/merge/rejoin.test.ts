import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accidentProperties } from './model-properties.js';
import { accidentSchedules, describeAccidents, runAccidents } from './model-rejoin.js';

// Histories in which backups are put back and disks copied, and each such host rejoins.

const seed = 20080101;

test('after a rejoin nothing is lost, all agree, and no UID ever changes its meaning', () => {
  fc.assert(
    fc.property(accidentSchedules(), (accidents) => {
      const outcome = runAccidents(accidents);
      for (const [name, property] of Object.entries(accidentProperties)) {
        assert.equal(property(outcome), null, `${name}\n${describeAccidents(accidents)}`);
      }
    }),
    { seed, numRuns: 80 },
  );
});
