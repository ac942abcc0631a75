import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, fchmodSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mreplProgram } from '../host.js';
import { assertAgreed, exchange } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

const weekMs = 7 * 24 * 3600 * 1000;

type Scene = {
  readonly home: Site;
  readonly stick: string;
  readonly directory: string;
  readonly clock: { nowMs: number };
};

async function alone(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const clock = { nowMs: Date.now() };
  const home = makeSite(directory, 'home', { nowMs: () => clock.nowMs });
  home.put(letter('from home'));
  await home.mrepl('init', home.store, '--name', 'home');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, stick, directory, clock };
}

describe('a host that is not paired', () => {
  test('writes nothing, and says so once a week where nobody looks', async (t) => {
    const { home, stick, clock } = await alone(t);
    const first = await home.run('sync', stick);
    assert.equal(first.status, 77);
    assert.match(first.err, /no host is paired, .*nothing was changed\nhint: .*\n {2}mrepl pair .*\n.*--plain/);
    for (const args of [
      ['sync', stick],
      ['export', stick],
      ['export', '-'],
      ['sync', stick, '--quiet'],
    ]) {
      const { status, out, err } = await home.run(...args);
      assert.deepEqual([status, out, err], [77, '', ''], args.join(' '));
    }
    assert.deepEqual(readdirSync(stick), []);
    clock.nowMs += weekMs;
    assert.match((await home.run('sync', stick)).err, /no host is paired/);
    assert.equal((await home.run('sync', stick)).err, '');
  });

  test('is silent with 0 where there is no stick, and writes with --plain', async (t) => {
    const { home, stick } = await alone(t);
    assert.equal(await home.mrepl('sync', '--if-present', join(stick, 'nowhere')), '');
    assert.match(await home.mrepl('export', stick, '--plain'), /home-000001\.tar\.zst \(.*not sealed/);
  });

  test('is told the right account by every command that looks at the stick', async (t) => {
    const { home, stick, directory } = await alone(t);
    const other = makeSite(directory, 'cabin');
    await other.mrepl('init', other.store, '--name', 'cabin', '--account', 'carol');
    await home.mrepl('pair', stick);
    for (const args of [
      ['pair'],
      ['pair'],
      ['export', '--plain'],
      ['sync', '--plain'],
      ['export'],
      ['sync', '--json'],
    ]) {
      const { out, err } = await other.run(...args, stick);
      assert.match(out + err, /alice/, args.join(' '));
      if (!args.includes('--json')) assert.match(out + err, /mrepl init STORE --account alice/, args.join(' '));
    }
    const third = makeSite(directory, 'ship');
    await third.mrepl('init', third.store, '--name', 'ship', '--account', 'dave');
    assert.match((await third.run('import', stick)).err, /only of alice, carol; nothing was changed/);
  });
});

describe('pairing without a stick', () => {
  test('goes by cards that are sent, or through a pipe', async (t) => {
    const { home, stick, directory } = await alone(t);
    const cabin = makeSite(directory, 'cabin');
    await cabin.mrepl('init', cabin.store, '--name', 'cabin');
    const { outBytes } = await home.start(['pair', '-']).ended;
    const answered = await cabin.start(['pair', '-', '--yes'], outBytes).ended;
    assert.match(answered.err, /home +\S+ +paired now/);
    const card = join(directory, 'from the cabin');
    writeFileSync(card, answered.outBytes);
    const asked = await home.run('pair', card);
    assert.equal(asked.status, 3);
    assert.match(asked.out, /cabin +\S+ +not paired/);
    assert.match(await home.mrepl('pair', card, '--yes'), /cabin +\S+ +paired now/);
    await exchange([home, cabin], stick);
    await assertAgreed([home, cabin]);
  });

  test('takes several cards, and names what is none', async (t) => {
    const { home, directory } = await alone(t);
    const cards: string[] = [];
    for (const name of ['cabin', 'ship']) {
      const site = makeSite(directory, name);
      await site.mrepl('init', site.store, '--name', name);
      cards.push(join(directory, `${name}.card`));
      writeFileSync(cards.at(-1) ?? '', (await site.start(['pair', '-']).ended).outBytes);
    }
    writeFileSync(join(directory, 'no.card'), 'BEGIN:VCARD\n');
    const { status, out, err } = await home.run('pair', ...cards, join(directory, 'no.card'), '--yes');
    assert.equal(status, 3);
    assert.match(out, /cabin +\S+ +paired now\nship +\S+ +paired now/);
    assert.match(err, /no\.card: it is not an identity card/);
  });
});

test('a fingerprint that no card has is loud', async (t) => {
  const { home, stick, directory } = await alone(t);
  const cabin = makeSite(directory, 'cabin');
  await cabin.mrepl('init', cabin.store, '--name', 'cabin');
  await cabin.mrepl('pair', stick);
  const { status, err } = await home.run('pair', stick, '--fingerprint', 'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa');
  assert.equal(status, 77);
  assert.match(err, /no card there has it; it was NOT taken up/);
});

describe('a peer that was revoked', () => {
  test('is limited no further, and the message says how it comes back', async (t) => {
    const { home, stick, directory } = await alone(t);
    const cabin = makeSite(directory, 'cabin');
    await cabin.mrepl('init', cabin.store, '--name', 'cabin');
    for (const site of [cabin, home]) await site.mrepl('pair', stick, '--yes');
    await home.mrepl('peers', 'limit', 'cabin', 'append');
    await home.mrepl('peers', 'revoke', 'cabin');
    const { status, err } = await home.run('peers', 'limit', 'cabin', 'full');
    assert.equal(status, 64);
    assert.match(
      err,
      /limiting cabin: it was revoked.*nothing was changed\nhint: .*\n {2}mrepl pair DIR --fingerprint .*--right full\n/,
    );
    assert.equal((await home.run('peers', 'revoke', 'nobody')).status, 64);
  });
});

test('a private key that goes into a file which others may read is warned of', async (t) => {
  const { home, directory } = await alone(t);
  const [program = '', ...first] = mreplProgram;
  for (const [mode, isWarned] of [
    [0o644, true],
    [0o600, false],
  ] as const) {
    const path = join(directory, `key-${mode}`);
    const fd = openSync(path, 'w', mode);
    fchmodSync(fd, mode);
    const options = { env: home.env, stdio: ['ignore', fd, 'pipe'] as const, encoding: 'utf8' as const };
    const { status, stderr } = spawnSync(program, [...first, 'peers', 'export-key'], {
      ...options,
      stdio: [...options.stdio],
    });
    closeSync(fd);
    assert.equal(status, 0);
    assert.equal(/can be read by others.*\n.*chmod 600/.test(stderr), isWarned, stderr);
    assert.match(readFileSync(path, 'utf8'), /^AGE-SECRET-KEY-/);
  }
});

test('mrepl alone says where things stand, and what to do next', async (t) => {
  const { home, stick, directory } = await alone(t);
  assert.match(
    await home.mrepl(),
    /^account alice on host home: .*\n1 message in 1 mailbox, .*\n\nIt is paired with no other host\.\n\nNext, with a stick at DIR:\n {2}mrepl pair DIR\n/,
  );
  const cabin = makeSite(directory, 'cabin');
  await cabin.mrepl('init', cabin.store, '--name', 'cabin');
  for (const site of [cabin, home, cabin]) await site.mrepl('pair', stick, '--yes');
  assert.match(
    await home.mrepl(),
    /\ncabin {2}nothing heard of it yet\n\nNext, to bring it to cabin:\n {2}mrepl sync DIR\n/,
  );
  await exchange([home, cabin], stick);
  assert.match(await home.mrepl(), /\ncabin {2}in step since .*\n\nNothing waits, as far as is known here\.\n/);
  await home.mrepl('init', home.store, '--account', 'second');
  assert.match(await home.mrepl(), /^This host has the accounts alice and second\./);
});
