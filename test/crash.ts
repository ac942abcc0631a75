import './crash/fault-layer.js';
import { parseArgs } from 'node:util';
import { writeImage } from './crash/image.js';
import { letDie } from './crash/killed.js';
import { afterPowerFailure, type Luck } from './crash/power.js';
import { buildScenes, makeScratchWorld, type Scene, type World } from './crash/scenario.js';
import {
  assertCatchesUp,
  assertRecovers,
  assertSurvives,
  type Expected,
  everyStop,
  expectedOf,
  type StopPoint,
} from './crash/stop-points.js';

// `npm run crash`: every stop there is in every scene, of which `npm test` takes a sample. Hours are not needed, minutes are.

const { values } = parseArgs({
  options: {
    scene: { type: 'string', default: '' },
    way: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
  },
});
const every = Number(values.every);
if (!Number.isSafeInteger(every) || every < 1) {
  console.error('usage: npm run crash -- [--scene WORD] [--way stop|again|power|kill] [--every N]');
  process.exit(2);
}

/** All hosts come to agree after every so many stops: it takes ten times as long as the rest. */
const agreeEvery = 5;

type Check = (world: World, scene: Scene, expected: Expected, stop: StopPoint, index: number) => Promise<void>;

const ways: Readonly<Record<string, { readonly share: number; readonly check: Check }>> = {
  stop: {
    share: 1,
    check: (world, scene, expected, stop, index) =>
      assertSurvives(world, scene, stop, { expected, agree: index % agreeEvery === 0 }),
  },
  again: {
    share: 3,
    check: (world, scene, expected, stop, index) => {
      const again = 1 + ((index * 7919) % (expected.steps.length + 20));
      return assertSurvives(world, scene, { ...stop, again }, { expected, agree: false });
    },
  },
  power: {
    share: 5,
    check: (world, scene, expected, stop) =>
      scene.agrees ? checkPower(world, scene, expected, stop) : Promise.resolve(),
  },
  kill: {
    share: 1,
    async check(world, scene, expected, stop) {
      await letDie(world, scene, stop);
      await assertRecovers(world, scene, { expected, agree: false });
    },
  },
};

/** What is lost when the power goes, for each step at which it can go. */
const lucks: readonly Luck[] = ['none', 'names', 'content', 1, 2, 3, 4];

async function checkPower(world: World, scene: Scene, expected: Expected, { at }: StopPoint): Promise<void> {
  const { root, stick } = world;
  for (const luck of lucks) {
    try {
      writeImage(root, afterPowerFailure(scene.before, expected.steps, { root, stick, count: at, luck }));
      await assertCatchesUp(world, scene, { expected, lenience: { locks: true } });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${scene.name}, power lost after step ${at}, luck ${luck}: ${why}`, { cause });
    }
  }
}

const world = makeScratchWorld();
let failures = 0;
try {
  const scenes = await buildScenes(world);
  for (const [way, { share, check }] of Object.entries(ways)) {
    if (!way.includes(values.way)) continue;
    for (const scene of scenes) {
      if (!scene.name.includes(values.scene)) continue;
      const startedMs = Date.now();
      const expected = await expectedOf(world, scene);
      const stops = everyStop(expected.steps).filter((_, index) => index % (share * every) === 0);
      let failed = 0;
      for (const [index, stop] of stops.entries()) {
        try {
          await check(world, scene, expected, stop, index);
        } catch (error) {
          failed++;
          console.error(error instanceof Error ? error.message : error);
        }
      }
      failures += failed;
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
      console.log(
        `${way}, ${scene.name}: ${expected.steps.length} steps, ${stops.length} stops, ${failed} failed; ${seconds} s`,
      );
    }
  }
} finally {
  world.remove();
}
console.log(failures === 0 ? 'all survived' : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
