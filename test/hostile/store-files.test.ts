import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { initAll } from '../end-to-end/agreement.js';
import { letter, makeSite, type Site, scratch } from '../end-to-end/site.js';
import { pairAll } from '../host.js';

// A mail store into which somebody else may write, and has laid all kinds of things under the names that are read and written there.

const isRoot = process.getuid?.() === 0;
const other = 65534;
const fifo = (path: string): void => void execFileSync('mkfifo', [path]);

type Scene = { readonly directory: string; readonly home: Site; readonly cabin: Site; readonly stick: string };

async function makeScene(t: { after(clean: () => void): void }, layout?: 'fs'): Promise<Scene> {
  const directory = scratch(t);
  const how = layout === undefined ? {} : { layout };
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin', { uidList: true, ...how })];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('from home'));
  await initAll([home, cabin], []);
  await pairAll([home, cabin]);
  await home.mrepl('export', stick);
  return { directory, home, cabin, stick };
}

test('what is written goes through no link that has the name of a temporary file or of a list', async (t) => {
  const { directory, cabin, stick } = await makeScene(t);
  const secret = join(directory, 'private');
  writeFileSync(secret, 'private');
  const { maildir } = cabin;
  for (const name of ['dovecot-uidlist.mrepl-new', 'dovecot-keywords.mrepl-new', 'maildirsize', 'subscriptions.lock']) {
    symlinkSync(secret, join(maildir, name));
  }
  symlinkSync(secret, join(maildir, 'cur', '.mrepl-wake'));
  await cabin.run('import', stick);
  assert.equal(cabin.count('from home'), 1);
  assert.equal(readFileSync(secret, 'utf8'), 'private');
});

test('a quota file that is another file, too, is not written to, and the mail comes all the same', async (t) => {
  const { directory, cabin, stick } = await makeScene(t);
  const secret = join(directory, 'private');
  writeFileSync(secret, '100S\n');
  linkSync(secret, join(cabin.maildir, 'maildirsize'));
  await cabin.mrepl('import', stick);
  assert.equal(cabin.count('from home'), 1);
  assert.equal(readFileSync(secret, 'utf8'), '100S\n');
});

test('a FIFO in the place of whatever is read ends no run, and what it stands for is named', async (t) => {
  const { cabin, stick } = await makeScene(t);
  await cabin.mrepl('import', stick);
  const { maildir } = cabin;
  for (const name of ['cur/1500000000.M1P1.x:2,S', 'new/1500000000.M2P1.x', 'subscriptions', 'dovecot-keywords']) {
    const path = join(maildir, name);
    rmSync(path, { force: true });
    fifo(path);
    const { status, err } = await cabin.run('sync', stick);
    assert.notEqual(status, 130);
    assert.doesNotMatch(err, /internal|unexpected/);
    if (name.startsWith('cur') || name.startsWith('new')) assert.match(err, /is a FIFO, not a file/);
    rmSync(path);
  }
  rmSync(join(maildir, 'dovecot-uidlist'));
  fifo(join(maildir, 'dovecot-uidlist'));
  const { status, err } = await cabin.run('sync', stick);
  assert.notEqual(status, 0);
  assert.match(err, /dovecot-uidlist is a FIFO, not a file/);
});

test('links are followed to what the owner of the store has put elsewhere', async (t) => {
  const { directory, home, cabin, stick } = await makeScene(t);
  const elsewhere = join(directory, 'disk');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(elsewhere, part), { recursive: true });
  symlinkSync(elsewhere, join(cabin.maildir, '.Work'));
  writeFileSync(join(directory, 'linked'), letter('by a link'));
  symlinkSync(join(directory, 'linked'), join(cabin.maildir, 'cur', '1500000001.M3P1.x:2,S'));
  home.put(letter('to work'), { mailbox: 'Work' });
  await home.mrepl('export', stick);
  await cabin.mrepl('sync', stick);
  assert.equal(readdirSync(join(elsewhere, 'new')).length + readdirSync(join(elsewhere, 'cur')).length, 1);
  await home.mrepl('import', stick);
  assert.equal(home.count('by a link'), 1);
});

test('links that another user has made are not followed, neither to files nor to directories', async (t) => {
  if (!isRoot) return assert.notEqual(process.getuid?.(), 0); // nobody else can make them
  for (const layout of [undefined, 'fs'] as const) {
    const { directory, home, cabin, stick } = await makeScene(t, layout);
    const secrets = join(directory, 'secrets');
    mkdirSync(secrets);
    writeFileSync(join(secrets, 'file'), letter('secret'));
    const link = (target: string, path: string): void => {
      symlinkSync(target, path);
      lchownSync(path, other, other);
    };
    link(join(secrets, 'file'), join(cabin.maildir, 'cur', '1500000002.M4P1.x:2,S'));
    link(secrets, cabin.folder('Work'));
    home.put(letter('to work'), { mailbox: 'Work' });
    home.put(letter('below'), { mailbox: 'Work/Below' });
    await home.mrepl('export', stick);
    const { err } = await cabin.run('sync', stick);
    assert.match(err, /is a symbolic link that another user has made, which is not followed/);
    assert.deepEqual(readdirSync(secrets), ['file'], 'nothing was made there');
    await home.run('import', stick);
    assert.equal(home.count('secret'), 0);
    assert.ok(existsSync(cabin.folder('Work')));
  }
});

for (const place of [
  'tmp/mrepl-trash',
  'tmp/mrepl-damaged',
  'cur/.mrepl',
  'cur/.mrepl/tmp',
  'cur/.mrepl/tmp/damaged',
  'cur/.mrepl/tmp/trash',
]) {
  test(`mail is not taken for what mrepl keeps itself where ${place} is a link to it`, async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    cabin.put(letter('from the cabin'));
    await cabin.mrepl('sync', stick);
    const mail = readdirSync(join(cabin.maildir, 'cur')).filter((name) => name[0] !== '.');
    home.put(letter('later'));
    await home.mrepl('export', stick);
    const path = join(cabin.maildir, place);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(cabin.maildir, 'cur'), path);
    const { status, err } = await cabin.run('sync', stick);
    assert.notEqual(status, 0);
    assert.match(err, /it is a symbolic link, and mrepl makes a directory of its own there/);
    const left = readdirSync(join(cabin.maildir, 'cur'));
    assert.deepEqual(
      mail.filter((name) => !left.includes(name)),
      [],
    );
  });
}

test('a full directory in the place of a text that is about to be brought back is no reason not to', async (t) => {
  const { cabin, home, stick } = await makeScene(t);
  await cabin.mrepl('sync', stick);
  await home.mrepl('import', stick);
  home.expunge('from home');
  await home.mrepl('export', '--allow-expunge', stick);
  await cabin.mrepl('import', '--allow-expunge', stick);
  const [guid = ''] = readdirSync(join(cabin.maildir, 'cur', '.mrepl', 'tmp', 'trash'));
  mkdirSync(join(cabin.maildir, 'tmp', `mrepl.${guid}`, 'full'), { recursive: true });
  await cabin.mrepl('restore', '--all', '--yes');
  assert.equal(cabin.count('from home'), 1);
});
