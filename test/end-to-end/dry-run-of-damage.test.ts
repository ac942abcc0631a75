import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { exchange } from './agreement.js';
import { letter, makeSite, scratch } from './site.js';

test('a dry run that finds one of two bundles damaged calls neither intact', async (t) => {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  for (const site of [home, cabin, home]) await site.mrepl('pair', stick, '--yes');
  await exchange([home, cabin], stick);
  for (const subject of ['first', 'second']) {
    home.put(`${letter(subject)}${randomBytes(200_000).toString('base64')}\n`); // more than one block that is sealed
    await home.mrepl('export', stick);
  }
  const intact = await cabin.mrepl('import', stick, '--dry-run');
  assert.match(intact, /^From home, bundles \d+ (to|and) \d+, .* intact/m);
  const bundles = join(stick, 'mrepl', 'alice');
  const last = readdirSync(bundles)
    .filter((name) => name.startsWith('home-'))
    .sort()
    .at(-1);
  const path = join(bundles, last ?? '');
  const bytes = readFileSync(path);
  const at = bytes.length - 40;
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  writeFileSync(path, bytes);
  const { out } = await cabin.run('import', stick, '--dry-run');
  assert.match(out, /damaged: used in part/);
  assert.doesNotMatch(out, /\bintact\b/);
});
