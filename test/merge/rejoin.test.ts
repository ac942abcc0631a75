import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eraAfter } from '../../src/merge/change/start-empty-as-new-host.js';
import { unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { uidMax } from '../../src/replica/replica-limits.js';
import { casesTried } from '../thoroughness.js';
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
    { seed, numRuns: casesTried(80) },
  );
});

for (const [what, nowS] of [
  ['is behind them', 1_800_000_000],
  ['shows 1970', 300],
  ['shows more than 32 bits hold', 2 ** 33],
] as const) {
  test(`two beginnings from one backup come to different UIDVALIDITYs, above those known, where the clock ${what}`, () => {
    const ahead = { ...unknownMailbox('INBOX'), storeUids: { uidValidity: 1_900_000_000, uidNext: 5 } };
    const eras = ['a', 'b', 'c', 'd'].map((digit) => eraAfter([ahead], [], { nowS, self: digit.repeat(32) }));
    assert.equal(new Set(eras).size, eras.length);
    assert.ok(eras.every((era) => era > 1_900_000_000 && era <= uidMax));
  });
}

test('a beginning goes by the time of day where that is later than all UIDVALIDITYs known', () => {
  const before = { ...unknownMailbox('INBOX'), storeUids: { uidValidity: 1_700_000_000, uidNext: 5 } };
  assert.equal(eraAfter([before], [], { nowS: 1_800_000_000, self: 'a'.repeat(32) }), 1_800_000_000);
});
