import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// A stored text that is not what it was: damaged, or altered by a program of its user.

type Scene = { readonly home: Site; readonly cabin: Site; readonly others: readonly Site[]; readonly stick: string };

const subjects = ['one', 'two', 'three'];

/** Two hosts with the same three messages, which they have exchanged. */
async function makeScene(t: { after(clean: () => void): void }, more: readonly string[] = []): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const subject of subjects) home.put(letter(subject, `The body of ${subject}.`), { flags: 'S' });
  const others = more.map((name) => makeSite(directory, name, { uidList: true }));
  await initAll([home, cabin, ...others]);
  for (const site of [home, cabin, ...others, home]) await site.mrepl('sync', stick);
  return { home, cabin, others, stick };
}

function fileOf(site: Site, subject: string, mailbox?: string): string {
  const [file = ''] = site.files(`Subject: ${subject}`, mailbox);
  return file;
}

/** As a disk does it: another content, the same date. */
function spoil(file: string, how: (text: Buffer) => Buffer): void {
  const { atime, mtime } = statSync(file);
  writeFileSync(file, how(readFileSync(file)));
  utimesSync(file, atime, mtime);
}

function flipped(text: Buffer): Buffer {
  const copy = Buffer.from(text);
  copy[copy.length - 5] = (copy[copy.length - 5] ?? 0) ^ 1;
  return copy;
}

const damages: Record<string, (text: Buffer) => Buffer> = {
  'one bit of its body': flipped,
  'it is empty': () => Buffer.alloc(0),
};

for (const [what, how] of Object.entries(damages)) {
  test(`a damaged text is not exported, asked for, and put back in its place: ${what}`, async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    const before = viewMaildir(home.maildir);
    const file = fileOf(home, 'two');
    const original = readFileSync(file);
    spoil(file, how);
    const spoilt = readFileSync(file);
    // Somebody reads it: an export of everything.
    const noticed = await home.run('export', stick, '--full', '--texts', 'always');
    assert.equal(noticed.status, 3);
    assert.match(
      noticed.err,
      new RegExp(`^mrepl: the message ${basename(file).split(':')[0]} in INBOX is damaged`, 'm'),
    );
    assert.equal(noticed.err.match(/^mrepl:/gm)?.length, 1, noticed.err);
    assert.equal((await home.run('sync', stick)).status, 3, 'it is said until it is mended');
    await cabin.mrepl('sync', stick);
    assert.equal(cabin.count('Subject: two'), 1);
    assert.match(await home.mrepl('sync', stick), /replaced 1 damaged text/);
    assert.deepEqual(readFileSync(file), original);
    assert.deepEqual(viewMaildir(home.maildir), before, 'name, UID, flags and date are what they were');
    const aside = join(home.maildir, 'cur/.mrepl/tmp/damaged');
    assert.deepEqual(
      readdirSync(aside).map((name) => readFileSync(join(aside, name))),
      [spoilt],
    );
    for (const site of [cabin, home]) await site.mrepl('sync', stick);
    assert.match(await home.mrepl('sync', stick), /nothing new/);
    await assertAgreed([home, cabin]);
  });
}

test('a copy in another mailbox heals it at once, unless it is the same file', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const file = fileOf(home, 'two');
  home.create('Copies');
  home.create('Linked');
  home.put(readFileSync(file, 'utf8'), { mailbox: 'Copies' });
  linkSync(fileOf(home, 'three'), join(home.folder('Linked'), 'cur', basename(fileOf(home, 'three'))));
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  spoil(file, flipped);
  spoil(fileOf(home, 'three'), flipped);
  const { status, out, err } = await home.run('export', stick, '--full', '--texts', 'always');
  assert.equal(status, 3);
  assert.match(out, /replaced 1 damaged text/);
  assert.equal(err.match(/is damaged/g)?.length, 2, 'both names of the file that was linked');
  assert.doesNotMatch(err, new RegExp(basename(file).split(':')[0] ?? '?'));
  assert.equal(home.count('The body of two.'), 1);
  assert.equal((await home.run('sync', stick)).status, 3);
  await cabin.mrepl('sync', stick);
  assert.match(await home.mrepl('sync', stick), /replaced 2 damaged texts/);
  for (const mailbox of ['INBOX', 'Linked']) assert.equal(home.count('The body of three.', mailbox), 1);
  await cabin.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
});

test('a damaged text is nobody else’s: the third host answers, and what is copied here waits for it', async (t) => {
  const { home, cabin, others, stick } = await makeScene(t, ['boat']);
  const [boat = home] = others;
  await cabin.mrepl('sync', stick);
  spoil(fileOf(home, 'two'), flipped);
  spoil(fileOf(cabin, 'two'), flipped);
  for (const site of [home, cabin]) {
    assert.equal((await site.run('export', stick, '--full', '--texts', 'always')).status, 3);
    assert.equal((await site.run('sync', stick)).status, 3);
  }
  await boat.mrepl('sync', stick);
  for (const site of [home, cabin]) assert.match(await site.mrepl('sync', stick), /replaced 1 damaged text/);
  for (const site of [boat, home, cabin]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin, boat]);
  assert.equal(home.count('The body of two.'), 1);
});

test('a damaged message that is moved stays what it is', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  spoil(fileOf(home, 'two'), flipped);
  assert.equal((await home.run('export', stick, '--full', '--texts', 'always')).status, 3);
  home.move('Subject: two', 'INBOX', 'Kept');
  assert.equal((await home.run('sync', stick)).status, 3);
  await cabin.mrepl('sync', stick);
  assert.equal(cabin.count('The body of two.', 'Kept'), 1, 'it was moved there, too');
  await home.mrepl('sync', stick);
  assert.equal(home.count('The body of two.', 'Kept'), 1);
  for (const site of [cabin, home]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
});

test('a file that its user puts right, or removes, is damaged no more', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const [one, two] = [fileOf(home, 'one'), fileOf(home, 'two')];
  const original = readFileSync(one);
  for (const file of [one, two]) spoil(file, flipped);
  assert.equal((await home.run('export', stick, '--full', '--texts', 'always')).status, 3);
  spoil(one, () => original);
  home.expunge('Subject: two');
  assert.doesNotMatch(await home.mrepl('sync', stick), /replaced/);
  for (const site of [cabin, home]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
  assert.equal(cabin.count('Subject:'), 2);
});

test('a message whose header was rewritten is expunged, and a new one in its place', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const file = fileOf(home, 'two');
  const { mtimeMs } = statSync(file);
  const base = basename(file).split(':')[0];
  const uidBefore = viewMaildir(home.maildir).INBOX?.messages.find((message) => message.base === base)?.uid;
  writeFileSync(file, readFileSync(file, 'utf8').replace('\n\n', '\nX-Label: rewritten\n\n'));
  await home.mrepl('export', stick, '--full', '--texts', 'always').catch(() => undefined);
  const moved = fileOf(home, 'two');
  assert.notEqual(moved, file);
  assert.equal(statSync(moved).mtimeMs, mtimeMs);
  for (const site of [home, cabin, home, cabin]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
  assert.equal(cabin.count('X-Label: rewritten'), 1);
  assert.equal(cabin.count('Subject: two'), 1);
  const uids = viewMaildir(cabin.maildir).INBOX?.messages.map(({ uid }) => uid) ?? [];
  assert.deepEqual(
    uids,
    [1, 2, 3, 4].filter((uid) => uid !== uidBefore),
    'a UID never names two texts',
  );
  assert.match(moved, /,S=\d+,W=\d+:2,S$/);
});
