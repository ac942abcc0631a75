import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { viewMaildir } from '../maildir-view.js';
import { initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string };

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const subject of ['one', 'two']) home.put(letter(subject, `The body of ${subject}.`), { flags: 'S' });
  await initAll([home, cabin]);
  for (const site of [home, cabin, home, cabin]) await site.mrepl('sync', stick);
  return { home, cabin, stick };
}

function accountFile(site: Site, name: string): string {
  return join(site.data, 'mrepl', 'alice', name);
}

/** The codes of what was found, faults only; every finding has to have a remedy. */
async function faults(site: Site, ...args: readonly string[]): Promise<string[]> {
  const { status, out } = await site.run('doctor', ...args, '--json');
  const objects = out
    .split('\n')
    .filter(Boolean)
    .map((line): Record<string, unknown> => JSON.parse(line));
  const found = objects.filter(({ kind }) => kind === 'finding' || kind === 'notice');
  for (const { message, remedy, where } of found) assert.ok(message && remedy && where, JSON.stringify(found));
  const codes = found.filter(({ kind }) => kind === 'finding').map(({ code }) => String(code));
  assert.equal(status, codes.length > 0 ? 3 : 0, out);
  return codes.sort();
}

test('doctor finds nothing wrong where nothing is, reads every text with --deep, and changes nothing', async (t) => {
  const { home } = await makeScene(t);
  home.deliver(letter('just arrived'));
  const before = [viewMaildir(home.maildir), await home.json('status')];
  assert.match(await home.mrepl('doctor'), /^account alice on host home: .*: 1 mailbox, 3 messages\n\nall is sound/);
  assert.match(await home.mrepl('doctor', '--deep'), /^read and compared: 2 texts \(\d+ bytes\)$/m);
  assert.equal(await home.mrepl('doctor', '--deep', '--quiet'), '');
  assert.deepEqual([viewMaildir(home.maildir), await home.json('status')], before);
});

test('doctor finds what lies beside the mail and is wrong, and nothing once it was put right', async (t) => {
  const { home } = await makeScene(t);
  const config = join(home.env.XDG_CONFIG_HOME ?? '', 'mrepl', 'config.toml');
  mkdirSync(join(config, '..'), { recursive: true });
  writeFileSync(config, 'acount = "alice"');
  chmodSync(accountFile(home, 'keys'), 0o644);
  home.create('Work');
  rmdirSync(join(home.folder('Work'), 'tmp'));
  const lock = join(home.folder('Work'), 'dovecot-uidlist.lock');
  writeFileSync(lock, '1:elsewhere');
  assert.deepEqual(await faults(home), ['keys', 'settings', 'store']);
  const { err } = await home.run('doctor', '--quiet');
  assert.match(err, /wrong: .*\/keys may be read or written by others\n {2}do: .*chmod 600/);
  assert.match(err, /wrong: .*\.Work\/tmp is not there: mail cannot be delivered to Work\n {2}do: mkdir -m 700 /);
  rmSync(config);
  chmodSync(accountFile(home, 'keys'), 0o600);
  mkdirSync(join(home.folder('Work'), 'tmp'));
  assert.deepEqual(await faults(home), []);
});

test('doctor --deep finds damaged and altered messages, says who has their texts, and the next exchange mends them', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const [damaged = '', altered = ''] = ['one', 'two'].flatMap((subject) => home.files(`Subject: ${subject}`));
  const { atime, mtime } = statSync(damaged);
  const original = readFileSync(damaged);
  writeFileSync(damaged, original.subarray(20));
  utimesSync(damaged, atime, mtime);
  writeFileSync(altered, readFileSync(altered, 'utf8').replace('\n\n', '\nStatus: RO\n\n'));
  assert.deepEqual(await faults(home), [], 'without --deep nothing is read');
  assert.deepEqual(await faults(home, '--deep'), ['altered', 'damaged']);
  assert.deepEqual(await faults(home), ['altered', 'damaged'], 'and it is remembered');
  const { out } = await home.run('doctor');
  assert.match(
    out,
    /is damaged: it does not hold what it did\n {2}do: Exchange with cabin: the next bundle asks for the text/,
  );
  assert.match(out, /^2 things are wrong$/m);
  assert.match(await home.mrepl('status'), /1 damaged/);
  assert.equal((await home.run('status', '--exit-code')).status, 2);
  assert.equal((await home.run('sync', stick)).status, 3);
  for (const site of [cabin, home]) await site.mrepl('sync', stick);
  assert.deepEqual(readFileSync(damaged), original);
  assert.deepEqual(await faults(home, '--deep'), []);
  await cabin.mrepl('sync', stick);
  assert.equal(cabin.count('Status: RO'), 1);
  assert.equal(cabin.count('Subject: two'), 1);
});

test('doctor --deep believes a file that was put back', async (t) => {
  const { home } = await makeScene(t);
  const [file = ''] = home.files('Subject: one');
  const original = readFileSync(file);
  writeFileSync(file, 'garbage');
  assert.deepEqual(await faults(home, '--deep'), ['damaged']);
  writeFileSync(file, original);
  assert.deepEqual(await faults(home, '--deep'), []);
});

test('doctor says what keeps an account from being opened', async (t) => {
  const { home } = await makeScene(t);
  const catalog = accountFile(home, 'catalog.db');
  const bytes = readFileSync(catalog);
  renameSync(home.maildir, `${home.maildir}.away`);
  assert.deepEqual(await faults(home), ['store']);
  renameSync(`${home.maildir}.away`, home.maildir);
  writeFileSync(catalog, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 7)]));
  rmSync(`${catalog}-wal`, { force: true });
  assert.deepEqual(await faults(home), ['catalog']);
  writeFileSync(catalog, bytes);
});

test('doctor names what lies among the messages and is none, each time, and counts as status does', async (t) => {
  const { home, stick } = await makeScene(t);
  const cur = join(home.maildir, 'cur');
  symlinkSync('/nowhere/at/all', join(cur, '1.link:2,S'));
  mkdirSync(join(cur, 'directory'));
  writeFileSync(Buffer.concat([Buffer.from(`${cur}/`), Buffer.from([0x61, 0xff])]), 'x');
  for (let time = 0; time < 2; time++) {
    const { status, out } = await home.run('doctor');
    assert.equal(status, 3);
    for (const what of [
      `${cur}/1.link:2,S is a link that leads nowhere`,
      `${cur}/directory is a directory where messages are`,
      `${cur}/a\\xff has a name that no mail program gives`,
    ]) {
      assert.equal(out.split(what).length, 2, `${what}\n${out}`);
    }
    const mailboxes = (await home.json('status')).filter(({ kind }) => kind === 'mailbox');
    const messages = mailboxes.reduce((sum, mailbox) => sum + Number(mailbox.messages), 0);
    assert.match(out, new RegExp(`: ${mailboxes.length} mailbox(es)?, ${messages} messages\n`));
    await home.run('export', stick);
  }
});
