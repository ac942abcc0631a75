import { describeStep } from './disk-step.js';
import { fingerprintOf } from './image.js';
import { afterPowerFailure, type Luck } from './power.js';
import { beginScene, type Scene, type World } from './scenario.js';
import { assertCatchesUp, type Expected } from './stop-points.js';

/** What is lost of what was not synced. */
export type Lucks = readonly Luck[];

/**
 * Lets the power fail after every so many steps, beginning with `from`, once for each luck, and demands that the next run comes to the end. Answers how many
 * disks there were to begin with: where all was synced, or the same was lost, it is one. Each that did otherwise is told to `failed`.
 */
export async function tryPowerFailures(
  world: World,
  scene: Scene,
  how: {
    readonly expected: Expected;
    readonly from: number;
    readonly step: number;
    readonly lucks: Lucks;
    failed(error: Error): void;
  },
): Promise<number> {
  const { root, stick } = world;
  const { steps } = how.expected;
  const seen = new Set<string>();
  for (let count = how.from; count <= steps.length; count += how.step) {
    for (const luck of how.lucks) {
      const disk = afterPowerFailure(scene.before, steps, { root, stick, count, luck });
      const fingerprint = fingerprintOf(disk);
      if (seen.has(fingerprint)) continue;
      seen.add(fingerprint);
      try {
        beginScene(world, scene, disk);
        await assertCatchesUp(world, scene, { expected: how.expected, lenience: { locks: true } });
      } catch (cause) {
        const step = steps[count - 1];
        const place = `${scene.name}, power lost after step ${count} (${step === undefined ? '' : describeStep(step, root)}), luck ${luck}`;
        how.failed(new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }));
      }
    }
  }
  return seen.size;
}
