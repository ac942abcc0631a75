import assert from 'node:assert/strict';
import type { Plan } from './fault-plan.js';
import { pathsIn, readImage } from './image.js';
import { beginScene, type Scene, type World } from './scenario.js';
import { assertCatchesUp, type Expected, type Lenience, watchedRun } from './stop-points.js';

/** Where a disk fails: under the directory of the bundles, the mail, or the catalog. */
export type Place = 'stick' | 'store' | 'catalog';

type Kind = {
  readonly errno: 'ENOSPC' | 'EIO' | 'ENODEV' | 'ENOENT' | 'EROFS';
  /** Calls that only look fail too. */
  readonly looks: boolean;
  /** What a run may end with: 74 is a disk that fails, 73 one that cannot be written to, 66 one that is absent. */
  readonly statuses: readonly number[];
};

const kindsOf: Readonly<Record<Place, readonly Kind[]>> = {
  stick: [
    { errno: 'ENOSPC', looks: false, statuses: [74, 3] },
    { errno: 'EIO', looks: true, statuses: [74, 3] },
    { errno: 'ENODEV', looks: true, statuses: [74, 3] },
    { errno: 'ENOENT', looks: true, statuses: [74, 66, 3] },
    { errno: 'EROFS', looks: false, statuses: [73, 3] },
  ],
  store: [
    { errno: 'ENOSPC', looks: false, statuses: [3, 73, 74] },
    { errno: 'EIO', looks: false, statuses: [3, 73, 74] },
  ],
  catalog: [
    { errno: 'ENOSPC', looks: false, statuses: [3, 73, 74] },
    { errno: 'EIO', looks: false, statuses: [3, 73, 74] },
  ],
};

/** Which calls are let fail: each `changesStep`-th of those that change something, or, where looks fail as well, each `looksStep`-th. */
export type Pace = { readonly changesStep: number; readonly looksStep: number };

export const everyCall: Pace = { changesStep: 1, looksStep: 1 };

/**
 * Lets one call after the other fail there, alone or with all that follow it, and demands that the run says so with the right status, leaves no half
 * bundle, and that the next one comes to the end. Answers how often; each that did otherwise is told to `failed`.
 */
export async function tryFaults(
  world: World,
  scene: Scene,
  place: Place,
  { expected, pace, failed }: { readonly expected: Expected; readonly pace: Pace; failed(error: Error): void },
): Promise<number> {
  const { maildir, data } = world[scene.host];
  const within = { stick: world.stick, store: maildir, catalog: data }[place];
  let tried = 0;
  for (const { errno, looks, statuses } of kindsOf[place]) {
    const step = looks ? pace.looksStep : pace.changesStep;
    // Of neighbouring calls one fails alone, one with all after it; with a step of 1 both are tried at each.
    for (let at = 1; ; at += step) {
      const lastings = errno === 'EROFS' ? [true] : step === 1 ? [false, true] : [at % 2 === 0];
      let came = false;
      for (const lasting of lastings) {
        const fault: Plan = { kind: 'fail', at, errno, within, looks, lasting, short: errno === 'ENOSPC' };
        const where = `${scene.name}: ${errno} at call ${at} in the ${place}${lasting ? ', and from then on' : ''}`;
        try {
          came = (await assertWithstands(world, scene, fault, { expected, statuses, place })) || came;
        } catch (cause) {
          came = true;
          failed(new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }));
        }
        if (came) tried++;
      }
      if (!came) break;
    }
  }
  return tried;
}

/**
 * Lets each sync of the catalog's log fail, and all that follows: what was to be committed may have been, and only the next run can tell. Demands
 * that it comes to the same end, UIDs and all.
 */
export async function assertCommitsWithstand(world: World, scene: Scene, expected: Expected): Promise<void> {
  const { data } = world[scene.host];
  const steps = expected.steps.filter(({ path }) => path.startsWith(`${data}/`));
  for (const [index, { kind, path }] of steps.entries()) {
    if (kind !== 'sync' || !path.endsWith('-wal')) continue;
    beginScene(world, scene);
    const at = index + 1;
    const fault: Plan = { kind: 'fail', at, errno: 'EIO', within: data, looks: false, lasting: true, short: false };
    const { outcome } = await watchedRun(world, scene, fault);
    assert.equal(outcome?.status, 74, `${scene.name}, call ${at}: ${outcome?.err}`);
    await assertCatchesUp(world, scene, { expected, lenience: { locks: true, trash: true } });
  }
}

/** False where the run came to its end before the fault. */
async function assertWithstands(
  world: World,
  scene: Scene,
  fault: Plan & { readonly kind: 'fail' },
  how: { readonly expected: Expected; readonly statuses: readonly number[]; readonly place: Place },
): Promise<boolean> {
  const { expected, statuses, place } = how;
  beginScene(world, scene);
  const { happened, outcome } = await watchedRun(world, scene, fault);
  if (!happened) return false;
  const { status = -1, err = '' } = outcome ?? {};
  assert.ok([0, ...statuses].includes(status), `status ${status}\n${err}`);
  assert.doesNotMatch(err, /unexpected|internal error/);
  if (place === 'stick' && !fault.lasting) assertNoParts(world);
  // What was there, not there, and there again was written a second time, under another name.
  const comesBack = fault.errno === 'ENOENT' && !fault.lasting;
  const lenience: Lenience =
    place === 'stick'
      ? { moreBundles: status === 3 || scene.name.startsWith('sync') || comesBack }
      : { locks: fault.lasting, trash: status === 74, mailLater: status === 3 && scene.reunion !== 'strangers' };
  try {
    await assertCatchesUp(world, scene, { expected, lenience });
  } catch (cause) {
    throw new Error(`with status ${status}\n${err}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return true;
}

function assertNoParts({ stick }: World): void {
  const parts = pathsIn(readImage(stick)).filter((path) => path.endsWith('.part'));
  assert.deepEqual(parts, [], 'half a bundle lies on the stick');
}
