import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { guidOfCanonical } from '../../src/mail/text/text-guid.js';
import { exchange, initAll, runAhead } from './agreement.js';
import { letter, makeSite, scratch } from './site.js';

// RESCUE of mrepl-bundle(5), step by step: mail from a sealed bundle with age, zstd, tar and the script of the page alone.

/** The script, as the page shows it. */
function scriptOfPage(): string {
  const page = readFileSync(fileURLToPath(new URL('../../../man/mrepl-bundle.5', import.meta.url)), 'utf8');
  const from = page.indexOf('import json, os, sys');
  assert.ok(from > 0);
  const lines = page.slice(from, page.indexOf('\n.EE', from)).split('\n');
  return `${lines.map((line) => line.replace(/^\\&/, '').replaceAll('\\-', '-').replaceAll('\\e', '\\')).join('\n')}\n`;
}

test('mail is had from a sealed bundle by hand', async (t) => {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const letters = ['first', 'second'].map((name) => letter(`${name} number 1`));
  await initAll([home, cabin]);
  await exchange([home, cabin, home], stick);
  for (const each of letters) home.put(each);
  await runAhead(home, 'export', stick);
  const bundles = join(stick, 'mrepl', 'alice');
  const name =
    readdirSync(bundles)
      .filter((file) => /^home-.*\.age$/.test(file))
      .sort()
      .at(-1) ?? '';
  const keys = join(cabin.data, 'mrepl', 'alice', 'keys');
  const plain = join(directory, 'plain.tar.zst');
  const unpacked = join(directory, 'rescue');
  mkdirSync(unpacked);
  execFileSync('sh', ['-c', `age -d -i "${keys}" "${join(bundles, name)}" > "${plain}"`]);
  execFileSync('sh', ['-c', `zstd -dc "${plain}" | tar xf - -C "${unpacked}"`]);
  const script = join(directory, 'rescue.py');
  writeFileSync(script, scriptOfPage());
  const maildir = join(directory, 'Rescued');
  const said = execFileSync('python3', [script, maildir, unpacked], { encoding: 'utf8' });
  assert.match(said, /: 2 messages, 0 without text/);
  const found = readdirSync(join(maildir, 'cur')).map((file) =>
    guidOfCanonical(readFileSync(join(maildir, 'cur', file))),
  );
  assert.deepEqual(found.sort(), letters.map((each) => guidOfCanonical(Buffer.from(each))).sort());
});
