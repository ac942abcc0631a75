import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Host, makeHost, pairAll } from '../host.js';
import { type Installed, installPacked } from './packed-program.js';

// What is published, not what lies in the checkout. `MREPL_TEST_NODES` may name more Nodes to try it with, apart by colons.

const nodes = [process.execPath, ...(process.env.MREPL_TEST_NODES ?? '').split(delimiter).filter(Boolean)];

const root = mkdtempSync(join(tmpdir(), 'mrepl-packed-'));
after(() => rmSync(root, { recursive: true }));
let installed: Installed;
before(async () => {
  installed = await installPacked(root);
});

test('the package needs no other, and runs nothing when it is installed', () => {
  const manifest = JSON.parse(readFileSync(join(installed.root, 'package.json'), 'utf8'));
  for (const key of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    assert.equal(manifest[key], undefined);
  for (const key of ['preinstall', 'install', 'postinstall']) assert.equal(manifest.scripts[key], undefined);
  assert.match(installed.said, /added 1 package/);
  assert.doesNotMatch(installed.said, /warn/i);
});

test('the licences of all libraries are in it', () => {
  const licences = readFileSync(join(installed.root, 'dist/package/THIRD-PARTY-LICENCES'), 'utf8');
  for (const name of ['commander', 'zstd-codec', 'node-sqlite3-wasm', 'smol-toml']) {
    assert.match(licences, new RegExp(`^${name} \\d.*\\(`, 'm'));
  }
  assert.match(licences, /Meta Platforms/);
});

for (const node of nodes) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  describe(`with Node ${version} the installed command`, () => {
    const host = (name: string, messages: number): Host => {
      const home = join(root, version, name);
      const maildir = join(home, 'Maildir');
      for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, part), { recursive: true });
      for (let at = 0; at < messages; at++) {
        const text = randomBytes(150_000).toString('base64').replace(/.{76}/g, '$&\n');
        writeFileSync(join(maildir, 'cur', `17000000${at}.M${at}.host:2,S`), `Subject: ${at}\n\n${text}\n`);
      }
      return makeHost({ name, home, store: `maildir:${maildir}`, program: [node, installed.command] });
    };

    test('carries mail by threads of its own, and says nothing on standard error', async () => {
      const [home, cabin] = [host('home', 40), host('cabin', 0)];
      const stick = join(root, version, 'stick');
      mkdirSync(stick);
      for (const each of [home, cabin]) await each.mrepl('init', each.store, '--name', each.name);
      await pairAll([home, cabin]);
      for (const each of [home, cabin, home, cabin]) {
        const { status, err } = await each.run('sync', stick);
        assert.deepEqual({ status, err }, { status: 0, err: '' });
      }
      assert.equal(
        readdirSync(join(root, version, 'cabin/Maildir/cur')).filter((name) => !name.startsWith('.')).length,
        40,
      );
      const again = await cabin.run('sync', stick);
      assert.equal(again.out, `${stick}: nothing new on either side\n`);
    });

    test('knows its version and its manual pages, from any directory', async () => {
      const any = host('any', 0);
      const { version: own } = JSON.parse(readFileSync(join(installed.root, 'package.json'), 'utf8'));
      assert.equal(await any.mrepl('--version'), `${own}\n`);
      const page = /^The manual page is (\S+)\./.exec(await any.mrepl('help', 'trust'))?.[1] ?? '';
      assert.ok(existsSync(page), page);
    });
  });
}
