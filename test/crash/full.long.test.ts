import './fault-layer.js';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeBundleFile } from '../../src/medium/write-file-to-medium.js';
import { withFaults } from './fault-layer.js';
import type { Plan } from './fault-plan.js';
import { pathsIn, readImage, writeImage } from './image.js';
import { type Scene, type Stage, setStage } from './scenario.js';
import { assertCatchesUp, expectedOf, watchedRun } from './stop-points.js';

// A stick that has room for so many bytes of a bundle and no more, whatever their number is.

/** Bytes from one place to the next, beside the edges of frames. */
const stepBytes = 2399;

/** By so much a bundle of the same content may be smaller: its time and its random parts compress differently. */
const variationBytes = 48;

/** The beginnings of zstd frames, as their magic number shows, and the end. */
function edgesOf(bytes: Buffer): number[] {
  const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
  const edges: number[] = [];
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) edges.push(at);
  return [...edges, bytes.length];
}

describe('a stick that is full after any byte of a bundle', () => {
  let stage: Stage;
  before(async () => {
    stage = await setStage();
  });
  after(() => stage.world.remove());

  const parts = (): string[] => pathsIn(readImage(stage.world.stick)).filter((path) => path.endsWith('.part'));

  test('no half bundle is left, it is said, and with more room the next run makes it good', async () => {
    const { world } = stage;
    const scene: Scene = { ...stage.sceneOf('export'), argv: ['export', world.stick, '--plain'] };
    const expected = await expectedOf(world, scene);
    writeImage(world.root, scene.before);
    const folder = join(world.stick, 'mrepl', 'alice');
    const there = new Set(readdirSync(folder));
    await watchedRun(world, scene, { kind: 'watch' });
    const [fileName = ''] = readdirSync(folder).filter((name) => !there.has(name) && name.endsWith('.zst'));
    const bundle = readFileSync(join(folder, fileName));
    const edges = edgesOf(bundle);
    assert.ok(edges.length > 3, 'it has frames');
    const rooms = new Set(edges.flatMap((edge) => [edge - 1, edge, edge + 1]));
    for (let at = 0; at < bundle.length; at += stepBytes) rooms.add(at);
    for (const bytes of [...rooms].filter((room) => room >= 0 && room < bundle.length)) {
      writeImage(world.root, scene.before);
      const full: Plan = { kind: 'full', bytes, within: world.stick };
      const { happened, outcome } = await watchedRun(world, scene, full);
      if (!happened && bytes >= bundle.length - variationBytes) continue;
      const { status = -1, err = '' } = outcome ?? {};
      try {
        assert.ok(happened, 'it was not full');
        assert.ok(status === 74 || status === 3, `status ${status}`);
        assert.match(err, /no more room|no room left/);
        assert.deepEqual(parts(), []);
        await assertCatchesUp(world, scene, { expected, lenience: { moreBundles: status === 3 } });
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`room for ${bytes} of ${bundle.length} bytes, status ${status}\n${err}: ${why}`, { cause });
      }
    }
  });

  test('of every number of bytes nothing is left', async (t) => {
    const root = mkdtempSync(join(tmpdir(), 'mrepl-full-'));
    t.after(() => rmSync(root, { recursive: true }));
    const directory = join(root, 'stick');
    mkdirSync(directory);
    const bundle = Buffer.alloc(1500, 'bundle ');
    const path = join(directory, 'home-000001.tar.zst');
    for (let room = 0; room <= bundle.length; room++) {
      let failure: unknown = null;
      await withFaults(root, { kind: 'full', bytes: room, within: directory }, () =>
        writeBundleFile(path, async (sink) => {
          for (let at = 0; at < bundle.length; at += 700) await sink.write(bundle.subarray(at, at + 700));
        }).catch((cause: unknown) => {
          failure = cause;
        }),
      );
      const isWhole = room === bundle.length;
      assert.equal(
        failure !== null && typeof failure === 'object' && 'code' in failure ? failure.code : null,
        isWhole ? null : 'medium-full',
      );
      assert.deepEqual(readdirSync(directory), isWhole ? ['home-000001.tar.zst'] : [], `room for ${room} bytes`);
    }
    assert.ok(readFileSync(path).equals(bundle));
  });
});
