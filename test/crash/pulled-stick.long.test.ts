import './fault-layer.js';
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { viewMail } from './demands.js';
import { copyImage, type DirectoryEntry, directoryIn, pathsIn, readImage, writeImage } from './image.js';
import { beginScene, type Scene, type Stage, setStage } from './scenario.js';
import { assertCatchesUp, expectedOf, watchedRun } from './stop-points.js';

// A stick is pulled in mid-run, and what is found by its name from then on is the empty directory it was mounted over, or another stick. What
// was open stays open, as after `umount -l`; what is there when the stick comes back is what was there when it was pulled.

/** Calls on the stick from one pull to the next, without a common divisor with what repeats in a run. */
const step = { nothing: 59, 'another stick': 73 } as const;

/** A sync has two halves, and only a pull in the second, which is short, ends with status 3; elsewhere one of so many pulls will do. */
const otherThanSync = 2;

/** With its first calls a run sees the stick: whatever is there by then is the stick. */
const firstSight = 2;

describe('a stick that is pulled in mid-run', () => {
  let stage: Stage;
  let turn = 0;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  /** A stick that these hosts used before the scene. */
  const otherStick = ({ name }: Scene): DirectoryEntry => {
    const { before } = stage.sceneOf(name === 'first export' ? name : 'first import');
    const image = copyImage(directoryIn(before, 'stick'));
    const marker = directoryIn(image, 'mrepl').entries.get('medium.id');
    if (marker?.kind !== 'file') throw new Error('the other stick has no mark');
    marker.bytes = Buffer.from(`${'0123456789abcdef'.repeat(2)}\n`);
    return image;
  };

  /** Takes the stick away, and puts another one there or nothing; answers what was on it. */
  const pull = (inPlace: DirectoryEntry | null): DirectoryEntry => {
    const { world } = stage;
    const image = readImage(world.stick);
    renameSync(world.stick, join(world.root, 'pulled'));
    mkdirSync(world.stick);
    if (inPlace !== null) writeImage(world.stick, inPlace);
    return image;
  };

  for (const name of [
    'pair, first',
    'pair, second',
    'first export',
    'export',
    'import',
    'sync',
    'sync back',
  ] as const) {
    test(`${name}: it is said, nothing is left in its place, and with the stick back the next run makes it good`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      const expected = await expectedOf(world, scene);
      const isSync = name.startsWith('sync');
      const statuses = new Set<number>();
      for (const replacement of ['nothing', 'another stick'] as const) {
        const inPlace = replacement === 'nothing' ? null : otherStick(scene);
        for (let at = firstSight + 1 + (turn++ % 7); ; at += step[replacement] * (isSync ? 1 : otherThanSync)) {
          beginScene(world, scene);
          let pulled: DirectoryEntry | null = null;
          const { happened, outcome } = await watchedRun(world, scene, {
            kind: 'meddle',
            at,
            within: world.stick,
            act: () => {
              pulled = pull(inPlace);
            },
          });
          if (!happened || pulled === null) break;
          const place = `${name}: ${replacement} in the place of the stick from call ${at} on`;
          const { status = -1, err = '' } = outcome ?? {};
          statuses.add(status);
          try {
            assert.ok([0, 66, 74, ...(isSync ? [3] : [])].includes(status)); // 3: the import was done by then
            const left = readImage(world.stick);
            if (inPlace === null) assert.deepEqual(pathsIn(left), [], 'something was left in the mount point');
            else assert.deepEqual(filesIn(left), filesIn(inPlace), 'the other stick was changed');
            rmSync(join(world.root, 'pulled'), { recursive: true });
            writeImage(world.stick, pulled);
            if (status === 0) assert.deepEqual(viewMail(world, scene.host), expected.mail, 'the mail after the run');
            await assertCatchesUp(world, scene, { expected, lenience: { moreBundles: isSync } });
          } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            throw new Error(`${place}, with status ${status}\n${err}: ${why}`, { cause });
          }
        }
      }
      assert.ok(statuses.has(isSync ? 3 : 74), 'no run was told that its stick is gone');
    });
  }
});

/** Every file with what is in it, and every directory. */
function filesIn(image: DirectoryEntry, above = ''): string[] {
  return [...image.entries].flatMap(([name, entry]) => {
    if (entry.kind === 'directory') return [`${above}${name}/`, ...filesIn(entry, `${above}${name}/`)];
    return [`${above}${name} ${entry.kind === 'file' ? entry.bytes.toString('latin1') : entry.target}`];
  });
}
