import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

/** Two paired hosts, and the stick on which a bundle of home waits. */
async function makeScene(t: TestContext): Promise<{ home: Site; cabin: Site; stick: string; waiting: string }> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home');
  const cabin = makeSite(directory, 'cabin');
  home.put(letter('one'));
  await initAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  await home.mrepl('sync', stick);
  const [name = ''] = bundlesOf('home', stick);
  return { home, cabin, stick, waiting: join(stick, 'mrepl', 'alice', name) };
}

function bundlesOf(host: string, stick: string): string[] {
  return readdirSync(join(stick, 'mrepl', 'alice')).filter((name) => name.startsWith(`${host}-`));
}

test('a bundle of a former self goes once every peer knows what it says, and not before', async (t) => {
  const { home, cabin, stick, waiting } = await makeScene(t);
  await home.mrepl('rejoin', '--yes');
  await home.mrepl('pair', stick, '--yes');
  await home.mrepl('export', stick);
  assert.ok(existsSync(waiting), 'the cabin has not taken it in');
  await cabin.mrepl('pair', stick, '--yes');
  await cabin.mrepl('sync', stick);
  assert.ok(existsSync(waiting));
  await home.run('sync', stick);
  assert.equal(existsSync(waiting), false, 'the cabin has said that it knows all of it');
  assert.equal(cabin.count('Subject: one'), 1);
});

test('a copy of a bundle under another name goes when that is gone', async (t) => {
  const { home, cabin, stick, waiting } = await makeScene(t);
  const copy = waiting.replace(/\.age$/, ' (1).age');
  cpSync(waiting, copy);
  await home.mrepl('sync', stick);
  assert.ok(existsSync(copy), 'it may be what gets there');
  await cabin.mrepl('sync', stick);
  for (const _ of [1, 2]) await home.mrepl('sync', stick);
  assert.deepEqual([existsSync(waiting), existsSync(copy)], [false, false]);
  assert.equal(cabin.count('Subject: one'), 1);
});
