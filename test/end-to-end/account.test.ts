import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pairAll } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string; readonly folder: string };

/** Two hosts that were set up under one name, as of machines that are both called so. */
async function namesakes(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', 'raspberrypi');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, cabin, stick, folder: join(stick, 'mrepl', 'alice') };
}

async function friends(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  await initAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('from home'));
  cabin.put(letter('from the cabin'));
  return { home, cabin, stick, folder: join(stick, 'mrepl', 'alice') };
}

describe('two hosts of one name', () => {
  test('are told how to get two, and pair after one command', async (t) => {
    const { home, cabin, stick, folder } = await namesakes(t);
    await home.mrepl('pair', stick, '--yes');
    const refused = await cabin.run('pair', stick, '--yes');
    assert.equal(refused.status, 77);
    assert.match(refused.err, /mrepl rename NAME/);
    const again = await cabin.run('init', cabin.store, '--name', 'cabin');
    assert.match(again.err, /To call this host cabin:\n {2}mrepl rename cabin\n/);
    await cabin.mrepl('rename', 'cabin');
    await cabin.mrepl('pair', stick, '--yes');
    await home.mrepl('pair', stick, '--yes');
    assert.deepEqual(readdirSync(folder), ['cabin.card', 'raspberrypi.card']);
  });

  test('pair also after one of them has rejoined under another', async (t) => {
    const { home, cabin, stick, folder } = await namesakes(t);
    await home.mrepl('pair', stick, '--yes');
    await cabin.run('pair', stick, '--yes');
    await cabin.mrepl('rejoin', '--name', 'cabin', '--yes');
    await cabin.mrepl('pair', stick, '--yes');
    assert.deepEqual(readdirSync(folder), ['cabin.card', 'raspberrypi.card']);
    await home.mrepl('pair', stick, '--yes');
    home.put(letter('from home'));
    await exchange([home, cabin], stick);
    await assertAgreed([home, cabin]);
  });

  test('pair also where the one that rejoined had met others under that name', async (t) => {
    const { home, cabin, stick } = await namesakes(t);
    const ship = makeSite(join(stick, '..'), 'ship');
    await ship.mrepl('init', ship.store, '--name', 'ship');
    await pairAll([cabin, ship]);
    await cabin.mrepl('rejoin', '--name', 'cabin', '--yes');
    for (const site of [home, cabin, home]) await site.mrepl('pair', stick, '--yes');
    const peers = (await cabin.json('peers')).filter(({ kind }) => kind === 'paired');
    assert.deepEqual(
      peers.map(({ name, retired }) => [name, retired]),
      [
        ['raspberrypi', false],
        ['raspberrypi-old', true],
        ['ship', false],
      ],
    );
  });
});

test('a host that is renamed knows its own bundles and card under the name that it had', async (t) => {
  const { home, cabin, stick, folder } = await friends(t);
  await home.mrepl('sync', stick);
  await home.mrepl('rename', 'attic');
  await exchange([cabin, home], stick, 2);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('home')),
    [],
  );
  await home.mrepl('pair', stick, '--yes');
  assert.match(await cabin.mrepl('pair', stick, '--yes'), /home +\S+ +paired before/);
  await assertAgreed([home, cabin]);
  const taken = await home.run('rename', 'cabin');
  assert.equal(taken.status, 64);
  assert.match(taken.err, /a peer is called so here; nothing was changed/);
});

describe('relocate', () => {
  test('points the account at the same mail under another path, and changes nothing else', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await exchange([home, cabin], stick);
    const moved = join(home.home, 'Mail');
    renameSync(home.maildir, moved);
    assert.equal((await home.run('sync', stick)).status, 66);
    await home.mrepl('relocate', `maildir:${moved}`);
    assert.match(await home.mrepl('sync', stick), /nothing new on either side/);
    cpSync(moved, home.maildir, { recursive: true, preserveTimestamps: true });
    await home.mrepl('relocate', home.store);
    await exchange([home, cabin], stick);
    await assertAgreed([home, cabin]);
  });

  test('refuses mail that is another store', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await home.mrepl('export', stick);
    const { status, err } = await home.run('relocate', cabin.store);
    assert.equal(status, 77);
    assert.match(err, /of 1 messages? that this host knows 0 are there.*nothing was changed/);
  });
});

describe('uninit', () => {
  test('leaves nothing but keys put aside of a host that has met nobody', async (t) => {
    const site = makeSite(scratch(t), 'home');
    site.put(letter('from home'));
    await site.mrepl('init', site.store, '--name', 'home');
    assert.equal((await site.run('uninit')).status, 64, 'it asks');
    await site.mrepl('uninit', '--yes');
    assert.deepEqual(readdirSync(join(site.data, 'mrepl', 'alice')), ['keys.old']);
    assert.equal((await site.run('status')).status, 78);
    await site.mrepl('init', site.store, '--name', 'attic');
    assert.equal(site.count('from home'), 1);
  });

  test('keeps the catalog of one that has peers', async (t) => {
    const { home } = await friends(t);
    assert.match(
      await home.mrepl('uninit', '--yes'),
      /catalog\.db\.old\.\ncabin still waits for it\. To end that, there:\n {2}mrepl peers revoke home\n/,
    );
    const folder = join(home.data, 'mrepl', 'alice');
    assert.deepEqual(readdirSync(folder).sort(), ['catalog.db.old', 'keys.old']);
    assert.match(readFileSync(join(folder, 'catalog.db.old'), 'latin1'), /^SQLite format 3/);
    assert.ok(!existsSync(join(folder, 'catalog.db')));
  });
});

test('a name that cannot be used is answered with one that can, as it stands in that very command', async (t) => {
  const { home } = await friends(t);
  const renamed = await home.run('rename', 'Mein Büro');
  assert.equal(renamed.status, 64);
  assert.match(renamed.err, /such as: mein-buro\n$/);
  const peer = await home.run('peers', 'rename', 'cabin', 'Mein Büro');
  assert.equal(peer.status, 64);
  assert.match(peer.err, /such as: mein-buro\n$/);
});
