import assert from 'node:assert/strict';
import { assertIdle, type Left, viewAgreed, viewLeft, viewMail } from './demands.js';
import { type DiskStep, describeStep } from './disk-step.js';
import { withFaults } from './fault-layer.js';
import type { Plan, StopWhen, Watched } from './fault-plan.js';
import type { Outcome } from './inside.js';
import { beginScene, nextCommand, runOn, type Scene, type World } from './scenario.js';

/** What a scene comes to where nothing goes wrong. */
export type Expected = {
  readonly steps: readonly DiskStep[];
  readonly left: Left;
  readonly mail: unknown;
  readonly agreedMail: unknown;
  /** When the same command is run once more. */
  readonly secondStatus: number;
  /** Null for scenes before all hosts know each other. */
  readonly agreed: unknown;
};

export async function expectedOf(world: World, scene: Scene): Promise<Expected> {
  beginScene(world, scene);
  const first = await watchedRun(world, scene, { kind: 'watch' });
  assert.equal(first.outcome?.status, 0, `${scene.name}: ${first.outcome?.err}`);
  const second = await nextRun(world, scene);
  const left = await viewLeft(world, scene);
  const mail = viewMail(world, scene.host);
  assertIdle(second.steps, (step) => describeStep(step, world.root));
  const agreed = scene.reunion === 'strangers' ? null : await viewAgreed(world, scene);
  const agreedMail = viewMail(world, scene.host);
  return { steps: first.steps, left, mail, agreedMail, secondStatus: second.outcome?.status ?? -1, agreed };
}

/** What comes after a run of the scene, whether that died or not. */
async function nextRun(world: World, scene: Scene): ReturnType<typeof watchedRun> {
  return watchedRun(world, { host: scene.host, argv: await nextCommand(world, scene) }, { kind: 'watch' });
}

function assertStatusOfRerun(scene: Scene, expected: Expected, outcome: Outcome | null): void {
  const { status = -1, err } = outcome ?? {};
  const statuses = scene.once ? [0, expected.secondStatus] : [0];
  assert.ok(statuses.includes(status), `run again: status ${status}\n${err}`);
}

async function assertNothingToDo(world: World, scene: Scene, expected: Expected): Promise<void> {
  const idle = await nextRun(world, scene);
  assert.equal(idle.outcome?.status, expected.secondStatus, idle.outcome?.err);
  assertIdle(idle.steps, (step) => describeStep(step, world.root));
}

/** A run by way of the fault layer; no outcome where it was stopped. */
export async function watchedRun(
  world: World,
  { host, argv }: Pick<Scene, 'host' | 'argv'>,
  plan: Plan,
): Promise<Watched & { readonly outcome: Outcome | null }> {
  let outcome: Outcome | null = null;
  const seen = await withFaults(world.root, plan, async () => {
    outcome = await runOn(world, host, ...argv);
  });
  return { ...seen, outcome };
}

/** Whatever happened before: the same command comes to the end of it, and another time does nothing. */
export async function assertRecovers(
  world: World,
  scene: Scene,
  { expected, agree }: { readonly expected: Expected; readonly agree: boolean },
): Promise<void> {
  assertStatusOfRerun(scene, expected, (await nextRun(world, scene)).outcome);
  assert.deepEqual(await viewLeft(world, scene), expected.left, 'what is there after running again');
  await assertNothingToDo(world, scene, expected);
  if (agree && expected.agreed !== null) {
    assert.deepEqual(await viewAgreed(world, scene), expected.agreed, 'what all hosts agree on');
  }
}

/** What may still be otherwise when a run has ended whose disk failed. */
export type Lenience = {
  /** Some mail is asked for again: it is there when all hosts have exchanged what they have. */
  readonly mailLater?: boolean;
  /** What was to go in one bundle went in two. */
  readonly moreBundles?: boolean;
  /** A lock could not be removed: whoever wants it next sees that its owner is gone. Nor could a file that wakes clients, which goes with the next. */
  readonly locks?: boolean;
  /** What is not needed in the trash goes when something is expunged next. */
  readonly trash?: boolean;
};

/** As `assertRecovers`, but that a message may have come later than it would have, and so have another UID. */
export async function assertCatchesUp(
  world: World,
  scene: Scene,
  { expected, lenience }: { readonly expected: Expected; readonly lenience: Lenience },
): Promise<void> {
  assertStatusOfRerun(scene, expected, (await nextRun(world, scene)).outcome);
  if (lenience.mailLater === true) {
    await viewAgreed(world, scene);
    assert.deepEqual(viewMail(world, scene.host), expected.agreedMail, 'the mail that all hosts agree on');
    return;
  }
  assert.deepEqual(viewMail(world, scene.host), expected.mail, 'the mail after running again');
  const left = await viewLeft(world, scene);
  const isPassedOver = (path: string): boolean =>
    (lenience.locks === true && /\.lock(\.\d+\.mrepl)?$|\/\.mrepl-wake$/.test(path)) ||
    (lenience.trash === true && path.includes('/.mrepl/tmp/trash'));
  const strict = (paths: readonly string[]): string[] => paths.filter((path) => !isPassedOver(path));
  assert.deepEqual(
    strict(left.paths),
    strict(expected.left.paths),
    'what lies in the home directory after running again',
  );
  if (lenience.moreBundles !== true) {
    assert.deepEqual(left.stick, expected.left.stick, 'what lies on the stick after running again');
  }
  await assertNothingToDo(world, scene, expected);
}

/** A place where a run is stopped, and where the run after it is. */
export type StopPoint = {
  readonly at: number;
  readonly when: StopWhen;
  readonly again?: number;
};

/** Every stop there is in a run of these steps. After a step is before the next one: on the disk there is no difference. */
export function everyStop(steps: readonly DiskStep[]): StopPoint[] {
  const stops = steps.flatMap((step, index): StopPoint[] => {
    const at = index + 1;
    return step.kind === 'write'
      ? [
          { at, when: 'before' },
          { at, when: 'torn' },
        ]
      : [{ at, when: 'before' }];
  });
  return [...stops, { at: steps.length, when: 'after' }];
}

/**
 * So many of the stops in `files`, and so many in the `catalog`, whose writes are many and alike: spread over the whole run, and other ones
 * for each `turn`.
 */
export function someStops(
  steps: readonly DiskStep[],
  { files, catalog, turn }: { readonly files: number; readonly catalog: number; readonly turn: number },
): StopPoint[] {
  const isInCatalog = ({ at }: StopPoint): boolean => steps[at - 1]?.path.includes('/catalog.db-wal') === true;
  const all = everyStop(steps);
  return [
    ...spread(
      all.filter((stop) => !isInCatalog(stop)),
      files,
      turn,
    ),
    ...spread(all.filter(isInCatalog), catalog, turn),
  ];
}

/** `count` of these at equal distances; where the first one is goes through one distance in ten turns. */
function spread<T>(all: readonly T[], count: number, turn: number): T[] {
  const distance = Math.max(1, all.length / count);
  const first = (((turn * 7) % 10) / 10) * distance;
  const chosen: T[] = [];
  for (let at = first; at < all.length; at += distance) chosen.push(...all.slice(Math.floor(at), Math.floor(at) + 1));
  return chosen;
}

/** Stops the scene there, and demands what `assertRecovers` does. */
export async function assertSurvives(
  world: World,
  scene: Scene,
  { at, when, again }: StopPoint,
  how: { readonly expected: Expected; readonly agree: boolean },
): Promise<void> {
  const step = how.expected.steps[at - 1];
  const place = `${scene.name}, stopped ${when} step ${at} (${step === undefined ? '' : describeStep(step, world.root)})`;
  try {
    beginScene(world, scene);
    const { happened } = await watchedRun(world, scene, { kind: 'stop', at, when });
    assert.ok(happened, 'it was not stopped');
    if (again !== undefined) {
      const { host } = scene;
      const argv = await nextCommand(world, scene);
      await watchedRun(world, { host, argv }, { kind: 'stop', at: again, when: 'before' });
    }
    await assertRecovers(world, scene, how);
  } catch (cause) {
    const after = again === undefined ? '' : `, and the next run before step ${again}`;
    throw new Error(`${place}${after}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
