import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mreplProgram, pairAll } from '../host.js';
import { letter, makeSite, type Site, scratch } from './site.js';

/** Runs a shell command in which `"$@"` is mrepl as this host, and answers its status and what was said. */
function shell(site: Site, script: string, cwd = site.home): Promise<{ status: number; err: string }> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...site.env } };
    const child = execFile('bash', ['-c', script, 'bash', ...mreplProgram], options, (_error, _out, err) =>
      resolve({ status: child.exitCode ?? -1, err }),
    );
  });
}

async function paired(t: { after(clean: () => void): void }): Promise<{ home: Site; cabin: Site; stick: string }> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  await pairAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, cabin, stick };
}

describe('an export through a pipe', () => {
  test('that is closed ends with 74 and a sentence, and what was in it goes with the next one', async (t) => {
    const { home, stick } = await paired(t);
    home.put(letter('large', 'x'.repeat(300_000)));
    const { status, err } = await shell(home, '"$@" export - --full | false; exit $PIPESTATUS');
    assert.equal(status, 74, err);
    assert.match(err, /the pipe was closed before all of it was read; the bundle does not count as sent\nhint: /);
    assert.match(await home.mrepl('export', stick), /1 new message, 1 text/);
  });

  test('to a full disk ends with 74 and a sentence', async (t) => {
    const { home } = await paired(t);
    const { status, err } = await shell(home, '"$@" export - > /dev/full');
    assert.equal(status, 74, err);
    assert.match(err, /there is no room left; what is there is no whole bundle, and does not count as sent\nhint: /);
  });

  test('writes a bundle where there is nothing new, which needs no answer', async (t) => {
    const { home, cabin, stick } = await paired(t);
    home.put(letter('the only one'));
    for (const site of [home, cabin, home, cabin]) await site.mrepl('sync', stick);
    const { status, err, outBytes } = await home.start(['export', '-']).ended;
    assert.equal(status, 0, err);
    assert.match(err, /exported a bundle .*nothing new, which it says/);
    const taken = await cabin.start(['import', '-'], outBytes).ended;
    assert.equal(taken.status, 0, taken.err);
    assert.equal((await cabin.run('export', stick, '--dry-run', '--exit-code')).status, 0);
  });
});

test('nothing at all through a pipe is a failure of whoever should have written', async (t) => {
  const { cabin } = await paired(t);
  const { status, err } = await cabin.start(['import', '-']).ended;
  assert.equal(status, 65);
  assert.match(err, /it is empty/);
});

test('a bundle for others is no matter where it just lies, and refused with 77 where it is meant', async (t) => {
  const { home, stick } = await paired(t);
  await home.mrepl('export', stick);
  const third = makeSite(join(stick, '..'), 'third');
  await third.mrepl('init', third.store, '--name', 'third');
  for (let again = 0; again < 2; again++) {
    const { status, out, err } = await third.run('import', stick);
    assert.deepEqual([status, err], [0, ''], out);
  }
  const bundle = join(stick, 'mrepl', 'alice', 'home-000001.tar.zst.age');
  assert.equal((await third.run('import', bundle)).status, 77);
  const { outBytes } = await home.start(['export', '-', '--full']).ended;
  const { status, err } = await third.start(['import', '-'], outBytes).ended;
  assert.equal(status, 77, err);
});

describe('in a directory that is gone', () => {
  test('what is named by its full path is used', async (t) => {
    const { home, stick } = await paired(t);
    const { status, err } = await shell(home, `mkdir gone && cd gone && rmdir ../gone && "$@" sync '${stick}'`);
    assert.equal(status, 0, err);
  });

  test('what is named relative to it is a sentence', async (t) => {
    const { home } = await paired(t);
    const { status, err } = await shell(home, 'mkdir gone && cd gone && rmdir ../gone && "$@" sync .');
    assert.equal(status, 66, err);
    assert.match(err, /^mrepl: the directory that this was run in is not there any more\nhint: [^\n]*\n$/);
  });
});

test('two hosts that are connected both ways pair with each other at once', async (t) => {
  const directory = scratch(t);
  const sites = ['home', 'cabin'].map((name) => makeSite(directory, name));
  for (const site of sites) await site.mrepl('init', site.store, '--name', site.name);
  const [node = '', ...program] = mreplProgram;
  const [home, cabin] = sites.map(({ env }) => spawn(node, [...program, 'pair', '-', '--yes'], { env }));
  assert.ok(home !== undefined && cabin !== undefined);
  home.stdout.pipe(cabin.stdin);
  cabin.stdout.pipe(home.stdin);
  const statuses = await Promise.all([home, cabin].map(async (child) => (await once(child, 'close'))[0]));
  assert.deepEqual(statuses, [0, 0]);
  for (const [index, other] of ['cabin', 'home'].entries()) {
    assert.match((await sites[index]?.mrepl('peers')) ?? '', new RegExp(`^${other} +full `, 'm'));
  }
});
