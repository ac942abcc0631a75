import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkout } from '../fixture-maildir.js';
import { makeHost } from '../host.js';
import { beginScene, type Scene, type World } from './scenario.js';
import type { StopPoint } from './stop-points.js';

const preload = fileURLToPath(new URL('./die-at.js', import.meta.url));

/** Runs the scene in a process of its own, which kills itself with SIGKILL at that step. */
export async function letDie(world: World, scene: Scene, { at, when }: StopPoint): Promise<void> {
  const { host, argv, name } = scene;
  beginScene(world, scene);
  const site = world[host];
  const { status, err } = await makeHost({
    name: host,
    home: site.home,
    store: site.store,
    program: [process.execPath, '--import', preload, join(checkout, 'bin', 'mrepl.js')],
    env: { MREPL_TEST_DIE: JSON.stringify({ root: world.root, at, when }) },
  }).run(...argv);
  assert.equal(status, 137, `${name}, to be killed ${when} step ${at}: it ended with ${status}\n${err}`);
}
