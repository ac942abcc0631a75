import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import { describeStep } from './disk-step.js';
import { writeImage } from './image.js';
import { afterPowerFailure, type Luck } from './power.js';
import { buildScenes, makeScratchWorld, type Scene, type World } from './scenario.js';
import { assertCatchesUp, expectedOf } from './stop-points.js';

// The power goes: what was not synced is lost, by parts and in any order. The next run comes to the same end. Here for a sample of the steps at which
// that can happen; `npm run crash -- --way power` takes more.

const kinds: readonly Luck[] = ['none', 'names', 'content', 1];

/** One of so many steps is the last. */
const samplePer = 89;

describe('a power failure', () => {
  let world: World;
  let scenes: ReadonlyMap<string, Scene>;
  before(async () => {
    world = makeScratchWorld();
    scenes = new Map((await buildScenes(world)).map((scene) => [scene.name, scene]));
  });
  after(() => world.remove());

  for (const [turn, name] of (['import', 'import without UID list', 'export', 'sync'] as const).entries()) {
    test(`${name}: whatever is lost of what was not synced, the next run makes it good`, async () => {
      const scene = scenes.get(name);
      if (scene === undefined) throw new Error(`there is no scene ${name}`);
      const expected = await expectedOf(world, scene);
      const { root, stick } = world;
      for (let count = 1 + 7 * turn; count <= expected.steps.length; count += samplePer) {
        for (const luck of kinds) {
          try {
            writeImage(root, afterPowerFailure(scene.before, expected.steps, { root, stick, count, luck }));
            await assertCatchesUp(world, scene, { expected, lenience: { locks: true } });
          } catch (cause) {
            const step = expected.steps[count - 1];
            const place = `after step ${count} (${step === undefined ? '' : describeStep(step, root)}), luck ${luck}`;
            throw new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
          }
        }
      }
    });
  }
});
