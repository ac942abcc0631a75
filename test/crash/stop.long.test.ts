import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import { letDie } from './killed.js';
import { type SceneName, type Stage, sceneNames, setStage } from './scenario.js';
import { assertRecovers, assertSurvives, type Expected, expectedOf, someStops } from './stop-points.js';

// A run dies, at whatever step: the next one comes to the same end as if nothing had happened, without duplicates, new births or
// leftovers, and the one after that finds nothing to do. Here for a sample of all steps; `npm run crash` takes every one.

describe('a run that dies', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  const known = new Map<SceneName, Expected>();
  const expectedIn = async (name: SceneName): Promise<Expected> => {
    const expected = known.get(name) ?? (await expectedOf(stage.world, stage.sceneOf(name)));
    known.set(name, expected);
    return expected;
  };

  for (const [turn, name] of sceneNames.entries()) {
    test(`${name}: stopped at a step, it is finished by the next run`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedIn(name);
      const stops = someStops(expected.steps, { files: 4, catalog: 1, turn });
      for (const [index, stop] of stops.entries()) {
        await assertSurvives(world, scene, stop, { expected, agree: index === 0 });
      }
    });
  }

  for (const name of ['export', 'import', 'sync'] as const) {
    test(`${name}: stopped once more while it recovers, it is finished by the run after that`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedIn(name);
      const stops = someStops(expected.steps, { files: 2, catalog: 1, turn: 7 });
      for (const [index, stop] of stops.entries()) {
        const again = 4 + ((index * 37) % expected.steps.length);
        await assertSurvives(world, scene, { ...stop, again }, { expected, agree: false });
      }
    });

    test(`${name}: killed by SIGKILL, it is finished by the next run`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedIn(name);
      for (const { at, when } of someStops(expected.steps, { files: 1, catalog: 1, turn: 3 })) {
        await letDie(world, scene, { at, when });
        await assertRecovers(world, scene, { expected, agree: false });
      }
    });
  }
});
