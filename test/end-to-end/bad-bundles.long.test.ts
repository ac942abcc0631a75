import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../src/trust/ssh/ssh-signature.js';
import { pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { assertRefused, bundleOn, flip, makeScene, messagesOf, onlyBundleOf, unprivileged } from './refusals.js';
import { letter, makeSite, type Site } from './site.js';

// What damaged, foreign and hostile bundles get: what is good of them is used, and the rest is named.

describe('bundles', () => {
  // Where the beginning is intact all news is used but for the texts that are damaged, which are asked for again.
  const damages: readonly (readonly [string, 3 | 65, (bundle: string) => void])[] = [
    ['cut off in the middle', 3, (bundle) => truncateSync(bundle, Math.floor(statSync(bundle).size / 2))],
    ['cut off at its last byte', 3, (bundle) => truncateSync(bundle, statSync(bundle).size - 1)],
    ['empty', 65, (bundle) => truncateSync(bundle, 0)],
    ['altered in the middle', 3, (bundle) => flip(bundle, 0.5)],
    ['altered near its beginning', 65, (bundle) => flip(bundle, 0.002)],
    ['altered near its end', 3, (bundle) => flip(bundle, 0.98)],
    [
      'with something behind it',
      3,
      (bundle) => writeFileSync(bundle, Buffer.concat([readFileSync(bundle), Buffer.from('more')])),
    ],
    ['no bundle but text', 65, (bundle) => writeFileSync(bundle, 'Dear Alice,\nthis is not a bundle.\n')],
    ['a bomb of zeros', 65, (bundle) => zstd(bundle, Buffer.alloc(300 << 20))],
  ];
  // What age does about damage depends on where it is, and on nothing else.
  const sealed = new Set(['cut off in the middle', 'altered in the middle', 'altered near its beginning']);
  const cases = damages.flatMap((damage) =>
    (['--plain', '--full'] as const)
      .filter((how) => how === '--plain' || sealed.has(damage[0]))
      .map((how) => ({ how, damage })),
  );
  for (const {
    how,
    damage: [what, status, damage],
  } of cases) {
    test(`${how === '--plain' ? 'plain' : 'sealed'} and ${what}: ${status}, and the next export makes it good`, async (t) => {
      const { home, cabin, stick } = await makeScene(t, how);
      const bundle = bundleOn(stick);
      damage(bundle);
      const verified = await cabin.run('verify', bundle);
      assert.equal(verified.status, 65, verified.out + verified.err);
      if (what.startsWith('cut off')) {
        const planned = await cabin.run('import', stick, '--dry-run');
        assertRefused(planned, 3, 'home-000001.tar.zst', 'the file ends in the middle of a frame');
        assert.match(
          planned.out,
          /^From home, bundle 1, .*, signed, damaged: used in part, and texts may be missing\.$/m,
        );
      }
      assertRefused(await cabin.run('import', stick), status, 'home-000001.tar.zst');
      const wanted = viewMaildir(home.maildir).INBOX?.messages.map(({ text }) => text) ?? [];
      for (const { text } of viewMaildir(cabin.maildir).INBOX?.messages ?? []) {
        assert.ok(wanted.includes(text), 'a damaged text got in');
      }
      // Both may still complain once about the file that lies there, and then no more.
      await cabin.run('sync', stick);
      await home.run('sync', stick);
      await cabin.run('sync', stick);
      await exchange([home, cabin], stick);
      await assertAgreed([home, cabin]);
      assert.equal(cabin.count('number'), 3);
    });
  }

  for (const [what, change, word] of [
    ['of a newer format', (text: string) => text.replace(/("version" ?: ?"?)\d+/, '$199'), /newer|version/],
    [
      'of another program',
      (text: string) => text.replace(/("format" ?: ?")[^"]*/, '$1something-else'),
      /bundle of mrepl/,
    ],
    ['that needs what we cannot do', (text: string) => text.replace(/("features" ?: ?\[)/, '$1"teleport"'), /teleport/],
  ] as const) {
    test(`${what}: 65, and it says so`, async (t) => {
      const { home, cabin, stick } = await makeScene(t, '--plain');
      const bundle = bundleOn(stick);
      rewriteManifest(bundle, change, home);
      assertRefused(await cabin.run('import', stick), 65, word);
      assertRefused(await cabin.run('inspect', bundle), 65, word);
      assert.equal(messagesOf(cabin), 0);
    });
  }

  test('in which a paired host calls itself by the name of another: the report has the name it is paired under', async (t) => {
    const { home, cabin, stick } = await makeScene(t, '--plain');
    const bundle = bundleOn(stick);
    rewriteManifest(bundle, (text) => text.replace(/("from":\{"host":\d+,"name":")home/, '$1bank'), home);
    assert.match(await cabin.mrepl('import', stick, '--dry-run'), /^From home, /m);
    await cabin.mrepl('peers', 'rename', 'home', 'house');
    assert.match(await cabin.mrepl('import', stick), /from house/);
    assert.match(await cabin.mrepl('log'), /from house/);
  });

  test('for another account: 77', async (t) => {
    const { directory, stick } = await makeScene(t, '--plain');
    const other = makeSite(directory, 'other');
    await other.mrepl('init', other.store, '--name', 'other', '--account', 'bob');
    assertRefused(await other.run('import', bundleOn(stick)), 77, 'alice');
    assert.equal(messagesOf(other), 0);
  });

  test('from a host with our own id: 77, and it says that a host was cloned', async (t) => {
    const { directory, home, stick } = await makeScene(t);
    const clone = makeSite(directory, 'clone', { uidList: true });
    spawnSync('cp', ['-aT', home.data, clone.data]);
    rmSync(clone.maildir, { recursive: true });
    spawnSync('cp', ['-aT', home.maildir, clone.maildir]);
    // The catalog names the store by its path; the clone is a machine of its own, with the same path.
    const aside = `${home.maildir}-aside`;
    renameSync(home.maildir, aside);
    renameSync(clone.maildir, home.maildir);
    home.put(letter('written by the clone'));
    await clone.mrepl('export', stick, '--full');
    rmSync(home.maildir, { recursive: true });
    renameSync(aside, home.maildir);
    home.put(letter('written by the original'));
    assertRefused(await home.run('import', stick), 77, /clone/);
  });

  test('several, one of them damaged: the good ones are used, 3', async (t) => {
    const { directory, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    third.put(letter('from the third host'));
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    flip(onlyBundleOf(stick, 'home'), 0.5);
    assertRefused(await cabin.run('import', stick), 3, 'home-000001.tar.zst');
    assert.equal(cabin.count('from the third host'), 1);
  });

  test('sealed to others: named by verify, which checks the rest; 77 where there is no rest', async (t) => {
    const { directory, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    const all = await third.run('verify', stick);
    assert.equal(all.status, 3, all.out + all.err);
    assert.match(all.err, /home-000001.*it is sealed, and not to this host/);
    assert.match(all.out, /third-000001.*intact/);
    assertRefused(await third.run('verify', onlyBundleOf(stick, 'home')), 77, 'not to this host');
    flip(onlyBundleOf(stick, 'third'), 0.5);
    assert.equal((await third.run('verify', stick)).status, 65);
  });

  test('several, one of them not to be read: the good ones are used, 3, and exports go on', async (t) => {
    const { directory, home, cabin, stick } = await makeScene(t);
    const third = makeSite(directory, 'third');
    third.put(letter('from the third host'));
    await initAll([third]);
    await pairAll([third, cabin]);
    await third.mrepl('export', stick);
    const closed = onlyBundleOf(stick, 'home');
    chmodSync(closed, 0);
    assertRefused(
      await unprivileged(cabin).run('import', stick),
      3,
      `${closed}: that is not permitted`,
      /^hint: Mend/m,
    );
    assert.equal(cabin.count('from the third host'), 1);
    assertRefused(await unprivileged(cabin).run('import', closed), 74, 'not permitted');
    const verified = await unprivileged(cabin).run('verify', stick);
    assertRefused(verified, 74, 'not permitted');
    assert.match(verified.out, /third-000001\.tar\.zst\.age: intact/);
    assert.match(await unprivileged(home).mrepl('export', stick), /exported home-000002/);
    chmodSync(closed, 0o600);
    await cabin.mrepl('import', stick);
    assert.equal(cabin.count('number'), 3);
  });

  test('companions that other systems leave beside a bundle are passed over', async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    const bundle = bundleOn(stick);
    writeFileSync(join(dirname(bundle), `._${basename(bundle)}`), 'Mac OS X');
    writeFileSync(join(dirname(bundle), '._home.card'), 'Mac OS X');
    for (const command of ['verify', 'sync', 'pair']) await cabin.mrepl(command, stick);
    await home.mrepl('sync', stick);
    assert.equal(cabin.count('number'), 3);
  });

  test('a good copy given as a file does as well as a directory', async (t) => {
    const { directory, home, cabin, stick } = await makeScene(t);
    const copy = join(directory, 'mail.tar.zst.age');
    copyFileSync(bundleOn(stick), copy);
    assert.match(await cabin.mrepl('inspect', copy), /INBOX/);
    assert.match(await cabin.mrepl('verify', copy, '--json'), /"ok":true/);
    await cabin.mrepl('import', copy);
    await cabin.mrepl('export', stick);
    await home.mrepl('import', stick);
    await assertAgreed([home, cabin]);
  });
});

describe('hostile content', () => {
  test('names and subjects reach neither the terminal nor a path', async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    home.put('Subject: \x1b]0;owned\x07\x1b[2J\nMessage-ID: <../../../etc/x>\n\nbody\n', {
      base: '1600000000.M1P1.host,S=1,W=1',
    });
    home.put(letter('in a bad place'), { mailbox: 'a\x1b[31mred' });
    home.put(letter('upwards'), { mailbox: 'b&AAo-c' });
    const said: string[] = [];
    for (const args of [['export', stick, '--full'], ['status']]) {
      const { out, err } = await home.run(...args);
      said.push(out, err);
    }
    for (const args of [
      ['import', stick, '--dry-run', '--verbose'],
      ['import', stick, '--json'],
      ['status'],
      ['log'],
    ]) {
      const { out, err } = await cabin.run(...args);
      said.push(out, err);
    }
    for (const text of said) assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    assert.equal(cabin.count('body'), 1);
  });
});

function zstd(file: string, content: Uint8Array): void {
  writeFileSync(file, zstdOf(content));
}

function zstdOf(content: Uint8Array): Buffer {
  const { stdout, status } = spawnSync('zstd', ['-q', '-c', `--stream-size=${content.length}`, '-'], {
    input: content,
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0);
  return stdout;
}

/** A bundle with another manifest, made by other tools: as by a program that we do not know. */
function rewriteManifest(bundle: string, change: (text: string) => string, { data }: Site): void {
  const { stdout: tar } = spawnSync('zstd', ['-dc', bundle], { maxBuffer: 1 << 30 });
  assert.match(tar.subarray(0, 100).toString('latin1'), /^bundle\.json\0/);
  const size = Number.parseInt(tar.subarray(124, 135).toString('latin1'), 8);
  const before = tar.subarray(512, 512 + size).toString('utf8');
  const after = change(before);
  assert.notEqual(after, before, `the manifest has no such field: ${before.slice(0, 300)}`);
  const content = Buffer.from(after);
  const header = Buffer.from(tar.subarray(0, 512));
  header.write(content.length.toString(8).padStart(11, '0'), 124, 'latin1');
  const sumEnd = header.toString('latin1', 154, 156); // writers differ in how they end the sum
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}${sumEnd}`, 148, 'latin1');
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  const rest = tar.subarray(512 + Math.ceil(size / 512) * 512);
  assert.match(rest.subarray(0, 100).toString('latin1'), /^bundle\.sig\0/);
  const seed = /(?<=^# signing-seed: ).*/m.exec(readFileSync(join(data, 'mrepl', 'alice', 'keys'), 'utf8'));
  signDetached(signingKeyOf(Buffer.from(seed?.[0] ?? '', 'base64')), 'mrepl-bundle', content).copy(rest, 512);
  const end = rest.lastIndexOf('end.json\0');
  writeFileSync(
    bundle,
    Buffer.concat([
      zstdOf(Buffer.concat([header, content, padding, rest.subarray(0, end)])),
      zstdOf(rest.subarray(end)),
    ]),
  );
}
