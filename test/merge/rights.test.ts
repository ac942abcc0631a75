import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import { asHistorySays, properties } from './model-properties.js';
import {
  describeLimited,
  type LimitedOutcome,
  limitedSchedules,
  meetLimited,
  playLimited,
  runLimited,
} from './model-rights.js';
import { dispute, exchangeTogether } from './model-run.js';
import { fileCopies, firstContacts, meetAsCopies } from './model-scenes.js';
import { type Scope, wholeScope } from './model-schedule.js';

// Histories in which hosts limit one another and think better of it.

const seed = 20080101;

function holds(
  complaint: (outcome: LimitedOutcome) => string | null,
  { numRuns, scope = wholeScope }: { numRuns: number; scope?: Scope },
): void {
  fc.assert(
    fc.property(limitedSchedules(scope), (schedule) => {
      assert.equal(complaint(runLimited(schedule, { scope })), null, describeLimited(schedule));
    }),
    { seed, numRuns: casesTried(numRuns) },
  );
}

test('a limited peer changes nothing that is here; all its new mail comes where it may append, and nothing where it may not', () => {
  holds(({ overstepped }) => overstepped[0] ?? null, { numRuns: 200 });
});

test('once every right is given, everything comes together as if there had been no limit', () => {
  holds(
    (outcome) => {
      for (const [name, property] of Object.entries(properties)) {
        const complaint = property(outcome);
        if (complaint !== null) return `${name}: ${complaint}`;
      }
      return null;
    },
    { numRuns: 200 },
  );
});

test('then it is what the whole history says', () => {
  holds(asHistorySays, { numRuns: 150, scope: { ...wholeScope, twins: false } });
});

test('hosts that go on limiting one another have soon nothing left to say', () => {
  // Where all act at the same moment, and not all hear of what the others decide, renumbering ends by spreading alone.
  const roundsMax = 24;
  fc.assert(
    fc.property(limitedSchedules(), (schedule) => {
      const { world } = playLimited(schedule, { stays: true });
      const talk = (): number => {
        const said = world.bundles.length;
        exchangeTogether(world);
        return world.bundles.slice(said).flatMap(({ news }) => news).length;
      };
      // One round may say nothing and still ask, so that the next one answers.
      let silent = 0;
      for (let round = 0; round < roundsMax && silent < 2; round++) silent = talk() > 0 ? 0 : silent + 1;
      assert.equal(talk(), 0, describeLimited(schedule));
    }),
    { seed, numRuns: casesTried(100) },
  );
});

test('then three rounds are enough: in the first one hears what the others lack', () => {
  const scope: Scope = { ...wholeScope, accidents: false };
  fc.assert(
    fc.property(limitedSchedules(scope), (schedule) => {
      const { world } = playLimited(schedule, { scope });
      exchangeTogether(world);
      for (let more = 2; more > 0 && dispute(world.hosts) !== null; more--) exchangeTogether(world);
      assert.equal(dispute(world.hosts), null, describeLimited(schedule));
    }),
    { seed, numRuns: casesTried(150) },
  );
});

test('hosts with much the same mail that may only append have each text once, or as often as one of them wanted it', () => {
  fc.assert(
    fc.property(firstContacts, (scene) => assert.equal(meetLimited(scene), null)),
    { seed, numRuns: casesTried(150) },
  );
});

test('hosts that began as copies of the same files renumber nothing, be it that they were limited at first', () => {
  for (const right of ['read', 'append'] as const) {
    fc.assert(
      fc.property(fileCopies, (scene) => assert.equal(meetAsCopies(scene, undefined, right), null)),
      { seed, numRuns: casesTried(50) },
    );
  }
});
