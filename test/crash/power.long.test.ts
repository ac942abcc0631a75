import './fault-layer.js';
import { after, before, describe, test } from 'node:test';
import type { DiskStep } from './disk-step.js';
import { type Stage, setStage } from './scenario.js';
import { expectedOf } from './stop-points.js';
import { tryPowerFailures } from './survive-power.js';

// The power goes: what was not synced is lost, by parts and in any order. The next run comes to the same end. Here for a sample of the steps at which
// that can happen; `npm run crash -- --way power` takes every one.

/** One of so many steps is the last. */
const samplePer = 293;

/** After these hardly anything is certain: a name on the stick whose file is not synced since, and the last directory of a mailbox. */
function isDelicate({ kind, path }: DiskStep, stick: string): boolean {
  return (kind === 'rename' && path.startsWith(`${stick}/`)) || (kind === 'mkdir' && path.endsWith('/cur'));
}

describe('a power failure', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  for (const [turn, name] of (
    [
      'import',
      'import without UID list',
      'export',
      'sync',
      'pair, first',
      'restore',
      'rejoin',
      'export in a series',
    ] as const
  ).entries()) {
    test(`${name}: whatever is lost of what was not synced, the next run makes it good`, async () => {
      const { world } = stage;
      const scene = stage.sceneOf(name);
      await tryPowerFailures(world, scene, {
        expected: await expectedOf(world, scene),
        chosen: (step, index) => (index + 13 * turn) % samplePer === 0 || isDelicate(step, world.stick),
        lucks: ['none', 'names', 'content', 1],
        failed(error) {
          throw error;
        },
      });
    });
  }
});
