import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pairAll } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Two machines that take themselves for one host: a copied disk, or a catalog from a backup. Numbers are then given out twice, and
// nothing may be taken for something else because of that.

type Scene = { readonly home: Site; readonly cabin: Site; readonly sticks: readonly [string, string] };

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin');
  home.put(letter('from the beginning'));
  await initAll([home, cabin]);
  const sticks = [join(directory, 'stick'), join(directory, 'other-stick')] as const;
  for (const stick of sticks) mkdirSync(stick);
  await exchange([home, cabin], sticks[0]);
  return { home, cabin, sticks };
}

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  assert.equal(spawnSync('cp', ['-aT', from, to]).status, 0);
}

const remedy = /cloned, or its catalog was restored/;

describe('a host whose catalog and mail come from a backup', () => {
  async function restored(t: { after(clean: () => void): void }, isHeard = true): Promise<Scene> {
    const scene = await makeScene(t);
    const { home, cabin, sticks } = scene;
    const backup = join(dirname(home.home), 'backup');
    copyTree(home.home, backup);
    home.put(letter('lost with the disk'));
    if (isHeard) await exchange([home, cabin], sticks[0]);
    else await home.mrepl('export', sticks[0]);
    copyTree(backup, home.home);
    home.put(letter('written afterwards'));
    return scene;
  }

  async function isTold(home: Site, command: string, stick: string): Promise<void> {
    const { status, err } = await home.run(command, stick);
    assert.equal(status, 77, `${command}: ${err}`);
    assert.match(err, /this host.*; nothing was changed\nhint: .*restored from a backup/);
  }

  test('is told so by its own bundles on the stick', async (t) => {
    const { home, sticks } = await restored(t, false);
    for (const command of ['import', 'export', 'sync']) await isTold(home, command, sticks[0]);
  });

  test('is told so by a peer that has heard more of it', async (t) => {
    const { home, sticks } = await restored(t);
    for (const command of ['import', 'sync']) await isTold(home, command, sticks[0]);
  });

  test('on another stick: its peer takes nothing of what it says twice', async (t) => {
    const { home, cabin, sticks } = await restored(t);
    await home.mrepl('sync', sticks[1]);
    const { status, err } = await cabin.run('sync', sticks[1]);
    assert.notEqual(status, 0);
    assert.match(err, remedy);
    assert.deepEqual([cabin.count('lost with the disk'), cabin.count('written afterwards')], [1, 0]);

    await home.mrepl('rejoin', '--yes');
    for (const site of [home, cabin]) await site.mrepl('pair', sticks[1], '--yes');
    for (const stick of sticks) {
      for (const site of [home, cabin, home, cabin]) await site.run('sync', stick);
      await exchange([home, cabin], stick);
    }
    await assertAgreed([home, cabin]);
    assert.deepEqual([home.count('lost with the disk'), home.count('written afterwards')], [1, 1]);
  });
});

test('a bundle that a run which died has left is nobody else’s', async (t) => {
  const { home, cabin, sticks } = await makeScene(t);
  const backup = join(dirname(home.home), 'backup');
  home.put(letter('under way'));
  copyTree(home.data, backup);
  await home.mrepl('export', sticks[1]);
  // As if it had died before the catalog knew: the number had been given out by then.
  const folder = join(sticks[1], 'mrepl', 'alice');
  const [bundle = ''] = readdirSync(folder).filter((name) => name.includes('.tar.zst'));
  renameSync(join(folder, bundle), join(folder, `${bundle}.aside`));
  copyTree(backup, home.data);
  const killed = home.start(['export', sticks[1]]);
  killed.kill('SIGKILL');
  await killed.ended;
  rmSync(join(folder, `${bundle}.aside`));
  await exchange([home, cabin], sticks[1]);
  await assertAgreed([home, cabin]);
});

test('two peers that each took in another bundle of one number find out, use all of each other, and a rejoin of that host heals it', async (t) => {
  const { home, cabin, sticks } = await makeScene(t);
  const directory = dirname(home.home);
  const boat = makeSite(directory, 'boat');
  await initAll([boat], []);
  await pairAll([home, cabin, boat]);
  await exchange([home, cabin, boat], sticks[1], 2);
  const [one, other, third] = ['one', 'other', 'third'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const stick of [one, other, third]) mkdirSync(stick);

  copyTree(home.home, join(directory, 'backup'));
  home.put(letter('for the cabin'));
  await home.mrepl('export', one);
  await cabin.mrepl('import', one);
  copyTree(join(directory, 'backup'), home.home);
  home.put(letter('for the boat'));
  await home.mrepl('export', other);
  await boat.mrepl('import', other);

  await cabin.mrepl('export', third);
  const met = await boat.run('sync', third);
  assert.match(
    met.err,
    /home has told two stories: .*\nhint: If home was cloned.* "mrepl rejoin" there.*tell the truth/,
  );
  assert.doesNotMatch(met.err, /cabin/);
  assert.match((await boat.run('doctor')).out, /home has told two stories/);
  await cabin.run('sync', third);
  await boat.run('sync', third);
  for (const site of [cabin, boat]) {
    assert.deepEqual([site.count('for the boat'), site.count('for the cabin')], [1, 1], site.name);
  }
  const told = await home.run('sync', third);
  assert.equal(told.status, 77, told.err);
  assert.match(told.err, /signed with the key of this host, and was not made by it.*\nhint: .*mrepl rejoin/);

  await home.mrepl('rejoin', '--yes');
  const fresh = join(directory, 'fresh');
  mkdirSync(fresh);
  for (const site of [home, boat, cabin, home]) await site.mrepl('pair', fresh, '--yes');
  await exchange([home, boat, cabin], fresh, 2);
  await assertAgreed([home, boat, cabin]);
  assert.deepEqual([boat.count('for the cabin'), cabin.count('for the boat')], [1, 1]);
});
