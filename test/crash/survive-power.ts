import { type DiskStep, describeStep } from './disk-step.js';
import { fingerprintOf } from './image.js';
import { afterPowerFailure, type Luck } from './power.js';
import { beginScene, type Scene, type World } from './scenario.js';
import { assertCatchesUp, type Expected } from './stop-points.js';

/** What is lost of what was not synced. */
export type Lucks = readonly Luck[];

/**
 * Lets the power fail after each step that is `chosen`, once for each luck, and demands that the next run comes to the end. Answers how many
 * disks there were to begin with: where all was synced, or the same was lost, it is one. Each that did otherwise is told to `failed`.
 */
export async function tryPowerFailures(
  world: World,
  scene: Scene,
  how: {
    readonly expected: Expected;
    chosen(step: DiskStep, index: number): boolean;
    readonly lucks: Lucks;
    failed(error: Error): void;
  },
): Promise<number> {
  const { root, stick } = world;
  const { steps } = how.expected;
  const seen = new Set<string>();
  for (const [index, step] of steps.entries()) {
    if (!how.chosen(step, index)) continue;
    const count = index + 1;
    for (const luck of how.lucks) {
      const disk = afterPowerFailure(scene.before, steps, { root, stick, count, luck });
      const fingerprint = fingerprintOf(disk);
      if (seen.has(fingerprint)) continue;
      seen.add(fingerprint);
      try {
        beginScene(world, scene, disk);
        await assertCatchesUp(world, scene, { expected: how.expected, lenience: { locks: true } });
      } catch (cause) {
        const place = `${scene.name}, power lost after step ${count} (${describeStep(step, root)}), luck ${luck}`;
        how.failed(new Error(`${place}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }));
      }
    }
  }
  return seen.size;
}
