import './fault-layer.js';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Plan } from './fault-layer.js';
import { pathsIn, readImage, writeImage } from './image.js';
import { buildScenes, makeScratchWorld, type Scene, type sceneNames, type World } from './scenario.js';
import { assertCatchesUp, expectedOf, watchedRun } from './stop-points.js';

// A disk fails under a run, which goes on to its end: it says so with the right status, leaves no half bundle, and the next run, when all is well
// again, comes to the same end as if nothing had happened.

/** What may go wrong with the stick, and the statuses a run may end with: 74 is a stick or disk that fails, 73 one that cannot be written to, 66 one that is absent. */
const stickFaults = {
  ENOSPC: { looks: false, statuses: [74, 3] },
  EIO: { looks: true, statuses: [74, 3] },
  ENODEV: { looks: true, statuses: [74, 3] },
  ENOENT: { looks: true, statuses: [74, 66, 3] },
  EROFS: { looks: false, statuses: [73, 3] },
} as const;

type Errno = keyof typeof stickFaults;

describe('a disk that fails', () => {
  let world: World;
  let scenes: ReadonlyMap<string, Scene>;
  before(async () => {
    world = makeScratchWorld();
    scenes = new Map((await buildScenes(world)).map((scene) => [scene.name, scene]));
  });
  after(() => world.remove());

  const sceneOf = (name: (typeof sceneNames)[number]): Scene => {
    const scene = scenes.get(name);
    if (scene === undefined) throw new Error(`there is no scene ${name}`);
    return scene;
  };
  const noParts = (): void =>
    assert.deepEqual(
      pathsIn(readImage(world.stick)).filter((path) => path.endsWith('.part')),
      [],
      'half a bundle lies on the stick',
    );

  for (const name of ['export', 'import', 'sync'] as const) {
    test(`${name}: whatever call on the stick fails, it is said, and the next run makes it good`, async () => {
      const scene = sceneOf(name);
      const expected = await expectedOf(world, scene);
      for (const errno of Object.keys(stickFaults) as Errno[]) {
        const { looks, statuses } = stickFaults[errno];
        const step = looks ? 53 : 11;
        for (let at = 1; ; at += step) {
          writeImage(world.root, scene.before);
          const fault: Plan = {
            kind: 'fail',
            at,
            errno,
            within: world.stick,
            looks,
            lasting: at % 2 === 0 || errno === 'EROFS',
            short: errno === 'ENOSPC',
          };
          const { happened, outcome } = await watchedRun(world, scene, fault);
          if (!happened) break;
          const place = `${name}: ${errno} at call ${at} on the stick`;
          const { status = -1, err = '' } = outcome ?? {};
          assert.ok([0, ...statuses].includes(status), `${place}: status ${status}\n${err}`);
          assert.doesNotMatch(err, /unexpected/, place);
          if (fault.lasting !== true) noParts();
          try {
            await assertCatchesUp(world, scene, {
              expected,
              lenience: { moreBundles: status === 3 || name === 'sync' },
            });
          } catch (cause) {
            throw new Error(
              `${place}, with status ${status}\n${err}: ${cause instanceof Error ? cause.message : String(cause)}`,
              { cause },
            );
          }
        }
      }
    });
  }

  // An import that cannot look at a mailbox takes it as it was known, and what was changed there since as something that comes later: so the
  // look, of 24 calls, is left to the scan.
  for (const [name, place, from] of [
    ['scan', 'store', 1],
    ['import', 'store', 25],
    ['import without UID list', 'store', 1],
    ['export', 'catalog', 1],
    ['import', 'catalog', 1],
  ] as const) {
    test(`${name}: whatever change of the ${place} fails, it is said, and the next run makes it good`, async () => {
      const scene = sceneOf(name);
      const expected = await expectedOf(world, scene);
      const { maildir, data } = world[scene.host];
      const within = place === 'store' ? maildir : data;
      for (const [turn, errno] of (['ENOSPC', 'EIO'] as const).entries()) {
        for (let at = from + turn; ; at += 47) {
          writeImage(world.root, scene.before);
          const lasting = at % 2 === 0;
          const fault: Plan = { kind: 'fail', at, errno, within, looks: false, lasting, short: errno === 'ENOSPC' };
          const { happened, outcome } = await watchedRun(world, scene, fault);
          if (!happened) break;
          const where = `${name}: ${errno} at call ${at} in the ${place}${lasting ? ', and from then on' : ''}`;
          const { status = -1, err = '' } = outcome ?? {};
          assert.ok([0, 3, 73, 74].includes(status), `${where}: status ${status}\n${err}`);
          try {
            await assertCatchesUp(world, scene, {
              expected,
              lenience: { locks: lasting, trash: status === 74, mailLater: status === 3 },
            });
          } catch (cause) {
            throw new Error(
              `${where}, with status ${status}\n${err}: ${cause instanceof Error ? cause.message : String(cause)}`,
              { cause },
            );
          }
        }
      }
    });
  }
});
