import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, type SiteOptions, scratch } from './site.js';

// Backups that are put back, and disks that are copied: each host goes on as a new one, nothing is lost or doubled, and no UID that a mail
// client of any host has seen comes to mean another text.

type Scene = { readonly directory: string; readonly home: Site; readonly cabin: Site; readonly stick: string };

/** UIDs as clients of each host have seen them. */
type Seen = Map<string, Map<string, string>>;

async function makeScene(t: { after(clean: () => void): void }, options: SiteOptions): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', options);
  const cabin = makeSite(directory, 'cabin', { uidList: true, uidValidity: 1_700_000_009 });
  for (const n of [1, 2, 3]) home.put(letter(`old ${n}`));
  home.put(letter('kept in a folder'), { mailbox: 'Kept' });
  await initAll([home, cabin]);
  const stick = join(directory, 'stick');
  for (const place of [stick, join(directory, 'lost-stick')]) mkdirSync(place);
  await exchange([home, cabin], stick);
  return { directory, home, cabin, stick };
}

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  assert.equal(spawnSync('cp', ['-aT', from, to]).status, 0);
}

/** Clients look at all hosts: what they saw once under a UID must be what they see under it for ever. */
function look(seen: Seen, ...sites: readonly Site[]): void {
  for (const site of sites) {
    for (const [mailbox, { uidValidity, messages }] of Object.entries(viewMaildir(site.maildir))) {
      for (const { uid, text } of messages) {
        if (uid === null) continue;
        const key = `${mailbox} ${uidValidity} ${uid}`;
        const cache = seen.get(site.name) ?? new Map<string, string>();
        seen.set(site.name, cache);
        assert.equal(cache.get(key) ?? text, text, `${site.name}: ${key}`);
        cache.set(key, text);
      }
    }
  }
}

/** What is to be done after `rejoin`, as it says itself. */
async function journey(restored: Site, others: readonly Site[], stick: string): Promise<void> {
  await restored.mrepl('pair', stick, '--yes');
  await restored.mrepl('export', stick);
  for (const other of others) {
    await other.mrepl('pair', stick, '--yes');
    await other.mrepl('sync', stick);
  }
  await restored.run('sync', stick); // there may lie bundles for who it was before: said once
  await exchange([restored, ...others], stick);
}

const parts = {
  catalog: ['.data'],
  mail: ['Maildir'],
  both: ['.data', 'Maildir'],
} as const;

for (const [kind, options] of Object.entries({ 'a UID list': { uidList: true }, 'no UID list': {} })) {
  describe(`with ${kind}`, () => {
    test('a catalog, the mail, and both come from a backup', async (t) => {
      const { directory, home, cabin, stick } = await makeScene(t, options);
      const backup = join(directory, 'backup');
      const seen: Seen = new Map();
      look(seen, home, cabin);
      for (const [what, folders] of Object.entries(parts)) {
        copyTree(home.home, backup);
        home.put(letter(`heard of, ${what}`));
        home.put(letter(`in a folder, ${what}`), { mailbox: `New ${what}` });
        home.mark('Subject: old 1', { add: 'F' });
        cabin.mark('Subject: old 2', { add: 'S' });
        await exchange([home, cabin], stick);
        home.put(letter(`seen by a client only, ${what}`));
        await home.mrepl('export', join(directory, 'lost-stick'));
        look(seen, home, cabin);

        for (const folder of folders) copyTree(join(backup, folder), join(home.home, folder));
        if (what !== 'mail') {
          const { status, err } = await home.run('sync', stick);
          assert.equal(status, 77);
          assert.match(err, /mrepl rejoin/);
        }
        if (what === 'mail' && kind === 'a UID list') {
          const { status, err } = await home.run('sync', stick);
          assert.equal(status, 77);
          assert.match(err, /UIDNEXT fell from .*; nothing was changed\nhint: .*mrepl rejoin/);
        }
        home.put(letter(`written afterwards, ${what}`));
        await home.mrepl('rejoin', '--yes', ...(what === 'catalog' ? ['--keep-uids'] : []));
        await journey(home, [cabin], stick);
        look(seen, home, cabin);
        await assertAgreed([home, cabin]);
        const survives = what === 'catalog' ? 1 : 0; // what was on the disk alone is gone with it
        for (const [subject, count] of [
          [`heard of, ${what}`, 1],
          [`seen by a client only, ${what}`, survives],
          [`written afterwards, ${what}`, 1],
          ['Subject: old 1', 1],
        ] as const) {
          assert.equal(cabin.count(subject), count, `${what}: ${subject}`);
        }
        assert.equal(cabin.count(`in a folder, ${what}`, `New ${what}`), 1);
        assert.match(cabin.files('Subject: old 1')[0] ?? '', /:2,F/);
        assert.match(home.files('Subject: old 2')[0] ?? '', /:2,S/);
      }
      const peers = await cabin.json('peers');
      const states = peers.filter(({ kind: line }) => line === 'paired').map(({ name, retired }) => [name, retired]);
      assert.deepEqual(states, [
        ['home', false],
        ['home-old', true],
        ['home-old-2', true],
        ['home-old-3', true],
      ]);
    });
  });
}

test('a UIDVALIDITY stays where only the catalog was put back', async (t) => {
  const { directory, home, cabin, stick } = await makeScene(t, { uidList: true });
  const numbers = (): (number | null)[] =>
    [home, cabin].map(({ maildir }) => viewMaildir(maildir).INBOX?.uidValidity ?? null);
  const before = numbers();
  const backup = join(directory, 'backup');
  copyTree(home.data, backup);
  home.put(letter('since the backup'));
  await exchange([home, cabin], stick);
  copyTree(backup, home.data);
  await home.mrepl('rejoin', '--yes', '--keep-uids');
  await journey(home, [cabin], stick);
  assert.deepEqual(numbers(), before);
});

test('a copied disk and its original meet on a stick, and both go on', async (t) => {
  const { directory, home, cabin, stick } = await makeScene(t, { uidList: true });
  const off = (machine: string): string => join(directory, `${machine}-off`);
  copyTree(home.home, off('attic'));
  let running = 'home';
  /** Two machines of one name and address: only one of them is switched on. */
  const boot = (machine: string): void => {
    if (machine === running) return;
    renameSync(home.home, off(running));
    renameSync(off(machine), home.home);
    running = machine;
  };
  const uidValidity = viewMaildir(home.maildir).INBOX?.uidValidity;
  home.put(letter('on the original'));
  await exchange([home, cabin], stick);
  boot('attic');
  home.put(letter('on the copy'));
  home.mark('Subject: old 1', { add: 'F' });
  const { status, err } = await home.run('sync', stick);
  assert.equal(status, 77, err);
  assert.match(err, /mrepl rejoin/);
  await home.mrepl('rejoin', '--yes', '--name', 'attic', '--keep-uids');
  await home.mrepl('pair', stick, '--yes');
  await home.mrepl('export', stick);
  await cabin.mrepl('pair', stick, '--yes');
  await cabin.mrepl('sync', stick);
  boot('home');
  await home.mrepl('pair', stick, '--yes');
  for (const machine of ['home', 'attic', 'home', 'attic', 'home']) {
    boot(machine);
    await home.run('sync', stick);
    await cabin.mrepl('sync', stick);
  }
  for (const machine of ['home', 'attic']) {
    boot(machine);
    await home.mrepl('sync', stick);
    await assertAgreed([home, cabin]);
    assert.equal(viewMaildir(home.maildir).INBOX?.uidValidity, uidValidity);
    assert.deepEqual([home.count('on the original'), home.count('on the copy')], [1, 1]);
    assert.match(home.files('Subject: old 1')[0] ?? '', /:2,F/);
  }
  const names = (await cabin.json('peers')).filter(({ kind }) => kind === 'paired').map(({ name }) => name);
  assert.deepEqual(names, ['attic', 'home']);
});

test('a catalog that is lost, and made anew: nothing is doubled, and what no other host had heard of being expunged returns', async (t) => {
  const { home, cabin, stick } = await makeScene(t, { uidList: true });
  home.expunge('Subject: old 1');
  await exchange([home, cabin], stick);
  home.expunge('Subject: old 2');
  home.put(letter('not yet exported'));
  rmSync(home.data, { recursive: true });
  await home.mrepl('init', home.store, '--name', 'home');
  await cabin.mrepl('peers', 'revoke', 'home');
  for (const site of [home, cabin, home]) await site.run('pair', stick, '--yes');
  await home.run('sync', stick);
  await exchange([cabin, home], stick);
  await assertAgreed([home, cabin]);
  const counts = ['Subject: old 1', 'Subject: old 2', 'Subject: old 3', 'not yet exported'].map((each) =>
    home.count(each),
  );
  assert.deepEqual(counts, [0, 1, 1, 1]);
});

describe('the successor of a peer', () => {
  async function successor(t: { after(clean: () => void): void }): Promise<Scene> {
    const scene = await makeScene(t, {});
    await scene.home.mrepl('rejoin', '--yes');
    await scene.home.mrepl('pair', scene.stick, '--yes');
    return scene;
  }

  const states = async (site: Site): Promise<unknown[]> =>
    (await site.json('peers'))
      .filter(({ kind }) => kind === 'paired')
      .map(({ name, right, revoked, retired }) => [name, right, revoked, retired]);

  test('has its right', async (t) => {
    const { cabin, stick } = await successor(t);
    await cabin.mrepl('peers', 'limit', 'home', 'append');
    await cabin.mrepl('peers', 'rename', 'home', 'house');
    await cabin.mrepl('pair', stick, '--yes');
    assert.deepEqual(await states(cabin), [
      ['house', 'append', false, false],
      ['house-old', 'append', false, true],
    ]);
  });

  test('is not taken up unasked, and not where its predecessor was revoked', async (t) => {
    const { cabin, stick } = await successor(t);
    assert.equal((await cabin.run('pair', stick)).status, 3);
    assert.deepEqual(await states(cabin), [['home', 'full', false, false]]);
    await cabin.mrepl('peers', 'revoke', 'home');
    assert.match((await cabin.run('pair', stick, '--yes')).out, /revoked here/);
    assert.deepEqual(await states(cabin), [['home', 'full', true, false]]);
  });
});
