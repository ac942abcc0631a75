import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eraAfter } from '../../src/merge/begin-again.js';
import { unknownMailbox } from '../../src/replica/known-mailbox.js';
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

test('two beginnings from one backup come to different UIDVALIDITYs, also where the known ones are ahead of the time of day', () => {
  const ahead = { ...unknownMailbox('INBOX'), storeUids: { uidValidity: 2000, uidNext: 5 } };
  const eras = ['a', 'b', 'c', 'd'].map((digit) => eraAfter([ahead], [], { nowS: 1000, self: digit.repeat(32) }));
  assert.equal(new Set(eras).size, eras.length);
  assert.ok(eras.every((era) => era > 2000));
  assert.equal(eraAfter([ahead], [], { nowS: 3000, self: 'a'.repeat(32) }), 3000);
});
