import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
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

test('a UIDVALIDITY stays where only the catalog was put back, and on a copied disk', async (t) => {
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
