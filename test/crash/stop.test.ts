import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import { letDie } from './killed.js';
import { type Stage, sceneNames, setStage } from './scenario.js';
import { assertRecovers, assertSurvives, expectedOf, someStops } from './stop-points.js';

// A run dies, at whatever step: the next one comes to the same end as if nothing had happened, without duplicates, new births or
// leftovers, and the one after that finds nothing to do. Here for a sample of all steps; `npm run crash` takes every one.

describe('a run that dies', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  for (const [turn, name] of sceneNames.entries()) {
    test(`${name}: stopped at a step, it is finished by the next run`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      const stops = someStops(expected.steps, { filesPer: 40, catalogPer: 300, turn });
      for (const [index, stop] of stops.entries()) {
        await assertSurvives(world, scene, stop, { expected, agree: index % 10 === 0 });
      }
    });
  }

  for (const name of ['export', 'import', 'sync'] as const) {
    test(`${name}: stopped once more while it recovers, it is finished by the run after that`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      const stops = someStops(expected.steps, { filesPer: 250, catalogPer: 1500, turn: 7 });
      for (const [index, stop] of stops.entries()) {
        const again = 4 + ((index * 37) % expected.steps.length);
        await assertSurvives(world, scene, { ...stop, again }, { expected, agree: false });
      }
    });

    test(`${name}: killed by SIGKILL, it is finished by the next run`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      for (const { at, when } of someStops(expected.steps, { filesPer: 500, catalogPer: 1500, turn: 3 })) {
        await letDie(world, scene, { at, when });
        await assertRecovers(world, scene, { expected, agree: false });
      }
    });
  }
});
