import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSite, scratch } from '../end-to-end/site.js';
import { pairAll } from '../host.js';

test('support says what helps, and nothing of mail, people, places or keys', async (t) => {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'strandhaus'), makeSite(directory, 'waldhuette')];
  home.create('Geheimes');
  home.put('From: carol@example.org\nSubject: Vertraulich\n\nInhalt\n', { mailbox: 'Geheimes' });
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name, '--account', 'familie');
  await pairAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  mkdirSync(join(home.home, '.config', 'mrepl'), { recursive: true });
  writeFileSync(
    join(home.home, '.config', 'mrepl', 'config.toml'),
    'directories = ["/media/dora"]\nmax-size = "2G"\nexec = "mail dora@example.org"\n',
  );
  const report = await home.mrepl('support');
  for (const [what, said] of [
    ['the version', /^ {2}mrepl +\d+\.\d+\.\d+/m],
    ['a setting', /^ {2}max-size +2G \(file\)$/m],
    ['that a setting is set', /^ {2}exec +set \(file\)$/m],
    ['counts', /^ {2}messages +1; 0 wait for a text, 0 are damaged$/m],
    ['the last run', /export, written, 1 text/],
  ] as const) {
    assert.match(report, said, what);
  }
  const secrets = [
    ...[
      'strandhaus',
      'waldhuette',
      'familie',
      'alice',
      'Geheimes',
      'carol',
      'Vertraulich',
      'Inhalt',
      'dora',
      directory,
    ],
    ...readFileSync(join(home.data, 'mrepl', 'familie', 'keys'), 'utf8')
      .split(/\s+/)
      .filter((word) => word.length > 20),
  ];
  for (const secret of secrets) assert.ok(!report.toLowerCase().includes(secret.toLowerCase()), secret);
  const file = join(directory, 'report.txt');
  assert.equal(await home.mrepl('support', '--output', file), '');
  const withoutAges = (text: string): string => text.replace(/ \([^)]* ago\)| \(just now\)/g, '');
  assert.equal(withoutAges(readFileSync(file, 'utf8')), withoutAges(report));
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('support is printed where nothing is set up, and where an account cannot be opened', async (t) => {
  const home = makeSite(scratch(t), 'home');
  assert.match(await home.mrepl('support'), /^Accounts\n {2}set up +none$/m);
  await home.mrepl('init', home.store, '--name', 'home');
  writeFileSync(join(home.data, 'mrepl', 'alice', 'catalog.db'), 'no catalog\n');
  assert.match(await home.mrepl('support'), /^Account 1 of 1\n {2}cannot be opened +store-damaged$/m);
});
