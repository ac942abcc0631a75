import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Messages that both hosts know, and whose files are packed afterwards.

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string; readonly files: readonly string[] };

const subjects = ['one', 'two', 'three', 'four'];

const packers: Readonly<Record<string, (text: Buffer) => Uint8Array>> = {
  bzip2: (text) => execFileSync('bzip2', ['-c'], { input: text }),
  xz: (text) => execFileSync('xz', ['-c'], { input: text }),
  lz4: (text) => execFileSync('lz4', ['-c', '-q'], { input: text }),
  mail_crypt: (text) => Buffer.concat([Buffer.from('CRYPTED\x03\x07\x02', 'latin1'), text.map((byte) => byte ^ 0x5a)]),
};

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const subject of subjects) home.put(letter(subject, `The body of ${subject}.`), { flags: 'S' });
  await initAll([home, cabin]);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  return { home, cabin, stick, files: subjects.map((subject) => home.files(`Subject: ${subject}`)[0] ?? '') };
}

/** Another file in its place, with the old date. */
function replaced(file: string, how: (text: Buffer) => Uint8Array, as = file): void {
  const { atime, mtime } = statSync(file);
  const content = how(readFileSync(file));
  writeFileSync(`${file}.packed`, content);
  utimesSync(`${file}.packed`, atime, mtime);
  renameSync(`${file}.packed`, file);
  if (as !== file) renameSync(file, as);
}

for (const [what, pack] of Object.entries(packers)) {
  test(`known messages that become ${what} are neither damaged, expunged nor asked for`, async (t) => {
    const { home, cabin, stick, files } = await makeScene(t);
    const before = viewMaildir(cabin.maildir);
    const originals = files.map((file) => readFileSync(file));
    for (const file of files.slice(0, 3)) replaced(file, pack);
    assert.match(await home.mrepl('sync', stick), /nothing new/, 'a look goes by names');

    const deep = await home.run('doctor', '--deep');
    assert.equal(deep.status, 3);
    assert.match(deep.out, /the texts of 3 messages in INBOX cannot be read: (?:compressed|encrypted)/);
    assert.doesNotMatch(deep.out, /damaged|expunge/);
    const told = await home.run('export', stick, '--full', '--texts', 'always');
    assert.equal(told.status, 3);
    assert.equal(told.err.match(/^mrepl:/gm)?.length, 1, told.err);
    assert.match(told.err, /the texts of 3 messages in INBOX cannot be read/);
    await cabin.mrepl('sync', stick);
    assert.deepEqual(viewMaildir(cabin.maildir), before, 'the other host hears of nothing');

    // Flags of such a message go on, and nothing was put back over it.
    cabin.mark('Subject: one', { add: 'F' });
    await cabin.mrepl('sync', stick);
    const { status } = await home.run('sync', stick);
    assert.ok(status === 0 || status === 3);
    const [one = ''] = files;
    assert.deepEqual(readFileSync(one.replace(/:2,S$/, ':2,FS')), Buffer.from(pack(originals[0] ?? Buffer.alloc(0))));
    for (const [index, file] of [one.replace(/:2,S$/, ':2,FS'), ...files.slice(1, 3)].entries()) {
      replaced(file, () => originals[index] ?? Buffer.alloc(0));
    }
    for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
    assert.match(await home.mrepl('doctor', '--deep'), /all is sound/);
    await assertAgreed([home, cabin]);
  });
}

test('one that is packed under another name is not expunged, and nothing else is kept from being', async (t) => {
  const { home, cabin, stick, files } = await makeScene(t);
  const [one = '', two = ''] = files;
  const { bzip2 = gzipSync } = packers;
  replaced(one, bzip2, one.replace(/:2,S$/, ',S=1:2,S'));
  home.expunge('Subject: two');
  assert.ok(two !== '');
  const { status, err } = await home.run('sync', stick);
  assert.equal(status, 3);
  assert.match(err, /a message file in INBOX is not taken: compressed with bzip2/);
  await cabin.mrepl('sync', stick);
  assert.deepEqual(
    subjects.map((subject) => cabin.count(`Subject: ${subject}`)),
    [1, 0, 1, 1],
  );
  replaced(one.replace(/:2,S$/, ',S=1:2,S'), (packed) => execFileSync('bzip2', ['-dc'], { input: packed }));
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
});

test('one that was gzip in its place and is broken is damaged, and put back plain', async (t) => {
  const { home, cabin, stick, files } = await makeScene(t);
  const [one = ''] = files;
  const original = readFileSync(one);
  replaced(one, (text) => gzipSync(text));
  assert.match(await home.mrepl('doctor', '--deep'), /all is sound/);
  replaced(one, (packed) => packed.subarray(0, -6));
  const deep = await home.run('doctor', '--deep');
  assert.equal(deep.status, 3);
  assert.match(deep.out, /damaged/);
  assert.equal((await home.run('sync', stick)).status, 3);
  await cabin.mrepl('sync', stick);
  assert.match(await home.mrepl('sync', stick), /replaced 1 damaged text/);
  assert.deepEqual(readFileSync(one), original);
  for (const site of [cabin, home]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
});

test('new mail in several containers is one sentence, and is read once it can be', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const { bzip2 = gzipSync, mail_crypt = gzipSync } = packers;
  const texts = ['five', 'six', 'seven'].map((subject) => Buffer.from(letter(subject)));
  const contents = texts.map((text, index) => [bzip2, bzip2, mail_crypt][index]?.(text) ?? text);
  const files = contents.map((content, index) => {
    const file = join(home.maildir, 'new', `170000000${index}.M1P1.home`);
    writeFileSync(file, content);
    return file;
  });
  for (let run = 0; run < 2; run++) {
    const { status, err } = await home.run('sync', stick);
    assert.equal(status, 3);
    const said =
      /^mrepl: 3 message files in INBOX are not taken: 2 compressed with bzip2, 1 encrypted by mail_crypt$/gm;
    assert.equal(err.match(said)?.length, 1, err);
    assert.equal(err.match(/^mrepl:/gm)?.length, 1, err);
  }
  await cabin.mrepl('sync', stick);
  assert.equal(cabin.count('Subject:'), 4);
  for (const [index, file] of files.entries()) replaced(file, () => texts[index] ?? Buffer.alloc(0));
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  assert.equal(cabin.count('Subject:'), 7);
  await assertAgreed([home, cabin]);
});

for (const [what, move] of [
  ['moved', (home: Site) => home.move('BZh9', 'INBOX', 'Archive')],
  ['renamed with their mailbox', (home: Site) => renameSync(home.folder('Old'), home.folder('Archive'))],
] as const) {
  test(`messages that are packed in a way that is not read, and then ${what}, are not expunged`, async (t) => {
    const { home, cabin, stick, files } = await makeScene(t);
    const { bzip2 = gzipSync } = packers;
    home.put(letter('old'), { mailbox: 'Old' });
    for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
    const [one = ''] = what === 'moved' ? files : home.files('Subject: old', 'Old');
    replaced(one, bzip2);
    move(home);
    for (let run = 0; run < 2; run++) {
      const { status, err } = await home.run('sync', stick);
      assert.equal(status, 3);
      assert.match(err, /a message file in Archive is not taken: compressed with bzip2/);
      if (what !== 'moved') assert.match(err, /^mrepl: the mailbox Old is not there/m);
      await cabin.run('sync', stick);
    }
    assert.equal(cabin.count('Subject: one'), 1);
    assert.equal(cabin.count('Subject: old', 'Old'), 1);
    const [packed = ''] = home.files('BZh9', 'Archive');
    replaced(packed, (content) => execFileSync('bzip2', ['-dc'], { input: content }));
    for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
    assert.equal(cabin.count('Subject:', 'Archive'), 1, 'it is moved there now');
    assert.equal(cabin.count('Subject:') + cabin.count('Subject:', 'Old'), 4);
    await assertAgreed([home, cabin]);
  });
}
