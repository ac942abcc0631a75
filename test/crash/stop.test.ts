import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import { casesTried } from '../thoroughness.js';
import { type Stage, setStage } from './scenario.js';
import { assertSurvives, expectedOf, someStops } from './stop-points.js';

// A few steps of the three runs that matter most; `stop.long.test.ts` has more of every run, and `npm run crash` takes every one.

describe('a run that dies', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  for (const [turn, name] of (['export', 'import', 'sync'] as const).entries()) {
    test(`${name}: stopped at a step, it is finished by the next run`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      const stops = someStops(expected.steps, { files: casesTried(3), catalog: casesTried(2), turn: turn + 11 });
      for (const [index, stop] of stops.entries()) {
        await assertSurvives(world, scene, stop, { expected, agree: index === 0 });
      }
    });
  }
});
