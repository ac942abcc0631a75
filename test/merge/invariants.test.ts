import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import {
  agreement,
  asHistorySays,
  nothingLost,
  noValidityIsTooOld,
  oldNewsChangesNothing,
  type Property,
  silenceInTheEnd,
  uidsMeanTheSameEverywhere,
  uidsNeverChangeMeaning,
} from './model-properties.js';
import { agreedView, contentView, dispute, exchangeTogether, runSchedule, untilAgreed } from './model-run.js';
import { describeSchedule, type Schedule, type Scope, schedules, wholeScope } from './model-schedule.js';
import { World } from './model-world.js';

// The same schedules at every run: whoever changes the merge sees what the change broke. `npm run soak` takes others.
const seed = 20080101;

function holds(property: Property, { numRuns, scope = wholeScope }: { numRuns: number; scope?: Scope }): void {
  fc.assert(
    fc.property(schedules(scope), (schedule) => {
      assert.equal(property(runSchedule(schedule, { scope })), null, describeSchedule(schedule));
    }),
    { seed, numRuns: casesTried(numRuns) },
  );
}

test('1. hosts that stop changing and keep exchanging agree on everything', () => {
  holds(agreement, { numRuns: 200 });
});

test('2. what no user expunged is in every store at the end', () => {
  holds(nothingLost, { numRuns: 150 });
});

test('3. on any host a UID that named one text never names another', () => {
  holds(uidsNeverChangeMeaning, { numRuns: 150 });
});

test('3. after agreement no UID names a text other than the one it ever named on any host', () => {
  holds(uidsMeanTheSameEverywhere, { numRuns: 150 });
});

test('no UIDVALIDITY is made from before a plausible date, whatever the clocks show', () => {
  holds(noValidityIsTooOld, { numRuns: 150 });
});

test('4. nothing is ever added below UIDNEXT', () => {
  // The model's store throws when it is asked to.
  holds(() => null, { numRuns: 150 });
});

test('5. a bundle imported twice, or an older one after a newer one, changes nothing', () => {
  holds(oldNewsChangesNothing, { numRuns: 100 });
});

test('6. the order in which waiting bundles are given makes no difference at all', () => {
  const scope: Scope = { ...wholeScope, hostsMax: 4, accidents: false };
  fc.assert(
    fc.property(schedules(scope), fc.array(fc.nat(99), { minLength: 20, maxLength: 20 }), (schedule, order) => {
      const views = [false, true].map((isShuffled) => {
        const world = played(schedule, scope);
        const host = world.hosts[0];
        assert.ok(host !== undefined);
        const waiting = world.bundles.filter(({ from }) => from !== host.id);
        host.import(isShuffled ? shuffled(waiting, order) : waiting);
        return agreedView(host);
      });
      assert.equal(views[1], views[0], describeSchedule(schedule));
    }),
    { seed, numRuns: casesTried(75) },
  );
});

test('6. bundles imported one by one in any order end in the same messages and flags', () => {
  // Twins are left out: which of two copies of a text survives may depend on who heard of it first.
  const scope: Scope = { ...wholeScope, hostsMax: 4, accidents: false, twins: false };
  fc.assert(
    fc.property(schedules(scope), fc.array(fc.nat(99), { minLength: 20, maxLength: 20 }), (schedule, order) => {
      const views = [false, true].map((isShuffled) => {
        const world = played(schedule, scope);
        const host = world.hosts[0];
        assert.ok(host !== undefined);
        const waiting = world.bundles.filter(({ from }) => from !== host.id);
        for (const bundle of isShuffled ? shuffled(waiting, order) : waiting) host.import([bundle]);
        const outcome = untilAgreed(world, schedule.finish);
        assert.equal(agreement(outcome), null, describeSchedule(schedule));
        return contentView(agreedView(host));
      });
      assert.equal(views[1], views[0], describeSchedule(schedule));
    }),
    { seed, numRuns: casesTried(75) },
  );
});

test('7. two hosts that swap bundles at the same moment agree after one swap, two at the very most', () => {
  roundsNeeded({ ...wholeScope, hostsMax: 2, accidents: false }, 2);
});

test('7. any number of hosts that all export and then all import agree after two rounds', () => {
  roundsNeeded({ ...wholeScope, accidents: false }, 2);
});

test('8. hosts that agree have nothing left to say', () => {
  holds(silenceInTheEnd, { numRuns: 100 });
});

test('9. what comes of it is what the whole history says', () => {
  holds(asHistorySays, { numRuns: 150, scope: { ...wholeScope, twins: false } });
});

function roundsNeeded(scope: Scope, roundsMax: number): void {
  let slow = 0;
  let runs = 0;
  fc.assert(
    fc.property(schedules(scope), (schedule) => {
      const world = played(schedule, scope);
      let rounds = 0;
      do {
        exchangeTogether(world);
        rounds += 1;
        assert.ok(rounds <= roundsMax, `${dispute(world.hosts)}\n${describeSchedule(schedule)}`);
      } while (dispute(world.hosts) !== null);
      runs += 1;
      if (rounds > 1) slow += 1;
    }),
    { seed, numRuns: casesTried(150) },
  );
  assert.ok(slow * 4 < runs, `${slow} of ${runs} took more than one round`);
}

function played(schedule: Schedule, scope: Scope): World {
  const world = new World(schedule, { scope });
  for (const deed of schedule.deeds) world.do(deed);
  return world;
}

function shuffled<T>(list: readonly T[], order: readonly number[]): T[] {
  return list
    .map((item, n) => [order[n % order.length] ?? 0, item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}
