import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Who may say so, and who may read it: as users set it up, from the first card to a lost laptop.

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string };

async function strangers(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home', { uidList: true }), makeSite(directory, 'cabin')];
  home.put(letter('from home'));
  cabin.put(letter('from the cabin'));
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  await initAll([home, cabin], []);
  return { home, cabin, stick };
}

async function friends(t: { after(clean: () => void): void }): Promise<Scene> {
  const scene = await strangers(t);
  await pairAll([scene.home, scene.cabin]);
  return scene;
}

async function fingerprintOf(site: Site): Promise<string> {
  const own = (await site.json('peers')).at(-1) as { readonly host?: { readonly fingerprint?: string } } | undefined;
  return own?.host?.fingerprint ?? '';
}

function folderOf(stick: string): string {
  return join(stick, 'mrepl', 'alice');
}

function bundlesOn(stick: string): string[] {
  return readdirSync(folderOf(stick)).filter((name) => name.includes('.tar.zst'));
}

const messagesOf = (site: Site): number =>
  Object.values(viewMaildir(site.maildir)).flatMap(({ messages }) => messages).length;

describe('pairing', () => {
  test('by comparing fingerprints takes three visits of one stick', async (t) => {
    const { home, cabin, stick } = await strangers(t);
    await home.mrepl('pair', stick);
    const offered = await cabin.run('pair', stick);
    assert.equal(offered.status, 3, offered.err);
    assert.match(offered.out, new RegExp(`home +${await fingerprintOf(home)} +not paired`));
    const other = await cabin.run('pair', stick, '--fingerprint', await fingerprintOf(cabin));
    assert.equal(other.status, 77, 'a fingerprint that no card has is no small matter');
    assert.match(other.err, /that is the fingerprint of this host itself; it was NOT taken up/);
    await cabin.mrepl('pair', stick, '--fingerprint', (await fingerprintOf(home)).toUpperCase().replaceAll('-', ' '));
    await home.mrepl('pair', stick, '--fingerprint', await fingerprintOf(cabin));
    await exchange([home, cabin], stick, 2);
    await assertAgreed([home, cabin]);
    assert.equal(messagesOf(home), 2);
    assert.deepEqual(
      readdirSync(folderOf(stick)).filter((name) => name.endsWith('.card')),
      ['cabin.card', 'home.card'],
    );
  });

  test('is asked for where a bundle comes from a stranger, and nothing of it is used', async (t) => {
    const { home, cabin, stick } = await strangers(t);
    assert.match(await home.mrepl('export', stick, '--plain'), /not sealed, as no host is paired yet/);
    for (const command of ['import', 'sync']) {
      const { status, err } = await cabin.run(command, stick, ...(command === 'sync' ? ['--plain'] : []));
      assert.equal(status, command === 'import' ? 77 : 3, err);
      assert.match(
        err,
        /from home, a host that this one is not paired with; nothing of it was used\nhint: .*\n {2}mrepl pair/,
      );
    }
    assert.equal(cabin.count('from home'), 0);
    // What was written before they knew each other is taken once they do.
    await pairAll([home, cabin]);
    await cabin.mrepl('import', stick);
    assert.equal(cabin.count('from home'), 1);
  });

  test('again with other keys is an alarm, and no change until the fingerprint is given', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await exchange([home, cabin], stick);
    const keys = join(cabin.data, 'mrepl', 'alice', 'keys');
    assert.equal(statSync(keys).mode & 0o777, 0o600);
    renameSync(keys, `${keys}.lost`);
    const missing = await cabin.run('sync', stick);
    assert.equal(missing.status, 78, missing.err);
    assert.match(missing.err, /private keys .* are missing\nhint: /);
    const cards = join(dirname(home.home), 'cards');
    await cabin.run('pair', cards); // makes new ones, and leaves another card
    const alarm = await home.run('pair', cards, '--yes');
    assert.equal(alarm.status, 77, alarm.err);
    assert.match(alarm.err, /other keys than those cabin was paired with; it was NOT taken up/);
    cabin.put(letter('under new keys'));
    await cabin.run('export', stick);
    const refused = await home.run('import', stick);
    assert.match(refused.err, /says that cabin wrote it, and is signed with another key; nothing of it was used/);
    assert.equal(home.count('under new keys'), 0);
    await home.mrepl('pair', cards, '--fingerprint', await fingerprintOf(cabin));
    for (const site of [home, cabin, home, cabin]) await site.run('sync', stick);
    await exchange([home, cabin], stick);
    await assertAgreed([home, cabin]);
  });

  test('with a forged, a cut or a foreign card changes nothing', async (t) => {
    const { home, cabin, stick } = await strangers(t);
    await home.mrepl('pair', stick);
    const card = readFileSync(join(folderOf(stick), 'home.card'), 'latin1');
    for (const [name, content] of [
      ['forged.card', card.replace('"name":"home"', '"name":"homer"')],
      ['cut.card', card.slice(0, -40)],
      ['foreign.card', 'BEGIN:VCARD\nEND:VCARD\n'],
      ['large.card', card + ' '.repeat(10_000)],
    ] as const) {
      writeFileSync(join(folderOf(stick), name), content, 'latin1');
    }
    const { status, err, out } = await cabin.run('pair', stick, '--yes');
    assert.equal(status, 3, err);
    for (const name of ['forged.card', 'cut.card', 'foreign.card', 'large.card']) assert.match(err, new RegExp(name));
    assert.match(out, /home +\S+ +paired now/);
    assert.equal((await cabin.json('peers')).filter(({ kind }) => kind === 'paired').length, 1);
  });
});

describe('a sealed bundle', () => {
  test('opens with stock age, zstd and tar and the exported key, and with no other', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await home.mrepl('export', stick);
    const [bundle = ''] = bundlesOn(stick);
    assert.match(bundle, /\.tar\.zst\.age$/);
    const path = join(folderOf(stick), bundle);
    const raw = readFileSync(path);
    assert.ok(!raw.includes('from home') && !raw.includes('bundle.json'), 'it is not sealed');
    const directory = dirname(stick);
    for (const site of [home, cabin]) {
      writeFileSync(join(directory, 'key.txt'), await site.mrepl('peers', 'export-key'));
      const listed = execFileSync(
        'bash',
        ['-o', 'pipefail', '-c', `age -d -i key.txt "${path}" | zstd -dc | tar -tf -`],
        {
          cwd: directory,
          encoding: 'utf8',
        },
      );
      assert.match(
        listed,
        /^bundle\.json\nbundle\.sig\nmailboxes\/0001\.jsonl\ntexts\/..\/[0-9a-f]{64}\.eml\nend\.json\n$/,
      );
    }
    const third = makeSite(directory, 'third');
    await initAll([third]);
    for (const command of ['import', 'inspect', 'verify']) {
      const { status, err } = await third.run(command, path);
      assert.equal(status, 77, err);
      assert.match(err, /it is sealed, and not to this host/);
    }
  });

  test('says nothing new when it is imported again, or comes after a later one', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await home.mrepl('export', stick);
    const [first = ''] = bundlesOn(stick);
    const old = join(dirname(stick), 'old.tar.zst.age');
    copyFileSync(join(folderOf(stick), first), old);
    await exchange([home, cabin], stick);
    cabin.expunge('from home');
    await exchange([cabin, home], stick);
    for (let again = 0; again < 2; again++) await cabin.mrepl('import', old);
    await exchange([cabin, home], stick);
    await assertAgreed([home, cabin]);
    assert.equal(cabin.count('from home'), 0);
  });
});

describe('a revoked host', () => {
  test('is taken nothing of and sealed nothing to, until its fingerprint is given again', async (t) => {
    const { home, cabin, stick } = await friends(t);
    await exchange([home, cabin], stick);
    await home.mrepl('peers', 'revoke', 'cabin');
    home.put(letter('after the loss'));
    cabin.put(letter('from the finder'));
    await cabin.mrepl('export', stick);
    const { status, out, err } = await home.run('sync', stick);
    assert.equal(status, 3, err);
    assert.match(err, /from cabin, which was revoked here; nothing of it was used/);
    assert.match(out, /nothing exported, as every peer was revoked/);
    assert.equal((await home.run('sync', stick)).status, 0, 'it is said once');
    assert.equal(home.count('from the finder'), 0);

    const card = join(dirname(home.home), 'cards');
    assert.match(await home.mrepl('pair', card, '--yes'), /cabin +\S+ +revoked here/);
    await home.mrepl('pair', card, '--fingerprint', await fingerprintOf(cabin));
    await exchange([home, cabin], stick, 2);
    await assertAgreed([home, cabin]);
    assert.equal(home.count('from the finder'), 1);
  });
});

test('a third host gets everything once it is paired, also what was sealed to others before', async (t) => {
  const { home, cabin, stick } = await friends(t);
  await exchange([home, cabin], stick);
  const third = makeSite(dirname(stick), 'third');
  await initAll([third]);
  await pairAll([home, cabin, third]);
  for (const site of [home, third, cabin, home, third]) await site.run('sync', stick);
  await exchange([home, cabin, third], stick);
  await assertAgreed([home, cabin, third]);
  assert.equal(messagesOf(third), 2);
});
