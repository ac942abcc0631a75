import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inbox } from '../../../src/mail/mailbox-name.js';
import { scratch } from '../../end-to-end/site.js';
import { makePair, type Party, sync } from '../../scenes/party.js';

// That a bundle was found damaged is said to its sender once, and remembered as long as it lies there.

type Scene = {
  readonly cabin: Party;
  readonly stick: string;
  /** A bundle of home that is damaged, and as it was. */
  readonly path: string;
  readonly whole: Buffer;
};

async function makeScene(t: TestContext): Promise<Scene> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  home.store.user.deliver(inbox, 'one');
  await sync(home, stick);
  const path = join(stick, 'mrepl', 'alice', 'home-000001.tar.zst');
  const whole = readFileSync(path);
  const damaged = Buffer.from(whole);
  damaged.fill(0, 20, 40);
  writeFileSync(path, damaged);
  return { cabin, stick, path, whole };
}

function remembered({ catalog }: Party): number {
  return [...catalog.notes().keys()].filter((key) => key.startsWith('damaged:')).length;
}

/** Bundles that the cabin writes in that many syncs. */
async function writes({ cabin, stick }: Scene, syncs: number): Promise<number> {
  const before = cabin.catalog.lastNumber();
  for (let each = 0; each < syncs; each++) await sync(cabin, stick);
  return cabin.catalog.lastNumber() - before;
}

test('one more bundle is written for a damaged one, however often it is found', async (t) => {
  const scene = await makeScene(t);
  const first = await writes(scene, 1);
  assert.equal(first, 1);
  assert.equal(await writes(scene, 3), 0);
  assert.equal(remembered(scene.cabin), 1);
});

test('where it is gone, or was taken in whole, it is forgotten', async (t) => {
  for (const becomes of ['gone', 'whole'] as const) {
    const scene = await makeScene(t);
    await writes(scene, 1);
    assert.equal(remembered(scene.cabin), 1);
    if (becomes === 'gone') rmSync(scene.path);
    else writeFileSync(scene.path, scene.whole);
    await writes(scene, 1);
    assert.equal(remembered(scene.cabin), 0, becomes);
    assert.equal(await writes(scene, 2), 0, becomes);
    assert.equal(readdirSync(join(scene.stick, 'mrepl', 'alice')).includes('cabin-000001.tar.zst'), true);
  }
});
