import './crash/fault-layer.js';
import { parseArgs } from 'node:util';
import { letDie } from './crash/killed.js';
import { type Scene, sceneNames, setStage, type World } from './crash/scenario.js';
import {
  assertRecovers,
  assertSurvives,
  type Expected,
  everyStop,
  expectedOf,
  type StopPoint,
} from './crash/stop-points.js';
import { tryPowerFailures } from './crash/survive-power.js';
import { tryFaults } from './crash/withstand.js';

// `npm run crash`: every stop there is in every scene, of which `npm test` takes a sample.

const { values } = parseArgs({
  options: {
    scene: { type: 'string', default: '' },
    way: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
  },
});
const every = Number(values.every);
if (!Number.isSafeInteger(every) || every < 1) {
  console.error('usage: npm run crash -- [--scene WORD] [--way stop|again|kill|power|fault] [--every N]');
  process.exit(2);
}

/** All hosts come to agree after every so many stops: it takes ten times as long as the rest. */
const agreeEvery = 5;

/** Calls that only look are many: one of so many is let fail. */
const looksPer = 5;

type Check = { readonly expected: Expected; failed(error: Error): void };

/** Tries what there is of one kind, and answers how often that was. */
type Way = (world: World, scene: Scene, check: Check) => Promise<number>;

async function eachStop(
  { expected, failed }: Check,
  survive: (stop: StopPoint, index: number) => Promise<void>,
): Promise<number> {
  const stops = everyStop(expected.steps).filter((_, index) => index % every === 0);
  for (const [index, stop] of stops.entries()) {
    try {
      await survive(stop, index);
    } catch (cause) {
      failed(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }
  return stops.length;
}

const ways: Readonly<Record<string, Way>> = {
  stop: (world, scene, check) =>
    eachStop(check, (stop, index) =>
      assertSurvives(world, scene, stop, { expected: check.expected, agree: index % agreeEvery === 0 }),
    ),
  again: (world, scene, check) =>
    eachStop(check, (stop, index) => {
      const again = 1 + ((index * 7919) % (check.expected.steps.length + 20));
      return assertSurvives(world, scene, { ...stop, again }, { expected: check.expected, agree: false });
    }),
  kill: (world, scene, check) =>
    eachStop(check, async (stop) => {
      await letDie(world, scene, stop);
      await assertRecovers(world, scene, { expected: check.expected, agree: false });
    }),
  power: (world, scene, check) =>
    tryPowerFailures(world, scene, {
      ...check,
      chosen: (_, index) => index % every === 0,
      lucks: ['none', 'names', 'content', 1, 2, 3, 4],
    }),
  async fault(world, scene, check) {
    const pace = { changesStep: every, looksStep: looksPer * every };
    let tried = 0;
    for (const place of ['stick', 'store', 'catalog'] as const) {
      tried += await tryFaults(world, scene, place, { ...check, pace });
    }
    return tried;
  },
};

const { world, sceneOf } = await setStage();
let failures = 0;
try {
  for (const [name, way] of Object.entries(ways)) {
    if (!name.includes(values.way)) continue;
    for (const scene of sceneNames.filter((each) => each.includes(values.scene)).map(sceneOf)) {
      const startedMs = Date.now();
      const expected = await expectedOf(world, scene);
      let failed = 0;
      const tried = await way(world, scene, {
        expected,
        failed(error) {
          failed++;
          console.error(error.message);
        },
      });
      failures += failed;
      const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
      console.log(
        `${name}, ${scene.name}: ${expected.steps.length} steps, ${tried} tried, ${failed} failed; ${seconds} s`,
      );
    }
  }
} finally {
  world.remove();
}
console.log(failures === 0 ? 'all survived' : `${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
