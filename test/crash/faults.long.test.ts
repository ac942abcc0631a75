import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import { type Stage, setStage } from './scenario.js';
import { expectedOf } from './stop-points.js';
import { assertCommitsWithstand, type Pace, tryFaults } from './withstand.js';

// A disk fails under a run, which goes on to its end: it says so with the right status, leaves no half bundle, and the next run, when all is well
// again, comes to the same end as if nothing had happened. Here for a sample of all calls; `npm run crash -- --way fault` takes every one.

const pace: Pace = { changesStep: 101, looksStep: 153 };

describe('a disk that fails', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  for (const [name, place] of [
    ['export', 'stick'],
    ['import', 'stick'],
    ['sync', 'stick'],
    ['pair, second', 'stick'],
    ['scan', 'store'],
    ['import', 'store'],
    ['import without UID list', 'store'],
    ['restore', 'store'],
    ['export', 'catalog'],
    ['import', 'catalog'],
  ] as const) {
    test(`${name}: whatever call in the ${place} fails, it is said, and the next run makes it good`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      await tryFaults(world, scene, place, {
        expected,
        pace,
        failed(error) {
          throw error;
        },
      });
    });
  }

  for (const name of ['first import', 'restore'] as const) {
    test(`${name}: a commit that fails may have happened, and nothing is lost or numbered anew for it`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      await assertCommitsWithstand(world, scene, await expectedOf(world, scene));
    });
  }
});
