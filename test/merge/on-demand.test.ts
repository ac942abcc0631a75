import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { casesTried } from '../thoroughness.js';
import type { ModelHost } from './model-host.js';
import { inFull } from './model-on-demand.js';
import { runSchedule } from './model-run.js';
import { describeSchedule, schedules, wholeScope } from './model-schedule.js';

/** Everything that hosts know and hold. */
function allOf(hosts: readonly ModelHost[]): unknown {
  return hosts.map(({ catalog, store }) => ({
    known: [...catalog].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, known]) => [name, inFull(known)]),
    stored: store.mailboxes,
  }));
}

test('hosts that read messages on demand come to the very states of hosts that hold all of them in memory', () => {
  fc.assert(
    fc.property(schedules(wholeScope), (schedule) => {
      const inMemory = runSchedule(schedule);
      const onDemand = runSchedule(schedule, { readsOnDemand: true });
      assert.deepEqual(allOf(onDemand.world.hosts), allOf(inMemory.world.hosts), describeSchedule(schedule));
      assert.deepEqual(onDemand.world.bundles.length, inMemory.world.bundles.length);
    }),
    { seed: 20261201, numRuns: casesTried(60) },
  );
});
