import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { mailUser } from '../dovecot/mail-user.js';
import { mreplProgram } from '../host.js';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// What cannot be read, or replicated, is said on every run, until it can.

const somebody = mailUser();

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string };

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { program: somebody.command(mreplProgram) });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const subject of ['one', 'two']) home.put(letter(subject));
  somebody.own(directory);
  await initAll([home, cabin]);
  return { home, cabin, stick };
}

/** As if nothing had happened to INBOX for a while, so that a look at it would be spared. */
function settle({ maildir }: Site): void {
  for (const part of ['cur', 'new']) utimesSync(join(maildir, part), 1_700_000_000, 1_700_000_000);
}

/** Both sync three times; what home says about it has to be the same each time. */
async function assertSaid({ home, cabin, stick }: Scene, said: RegExp): Promise<void> {
  for (let round = 1; round <= 3; round++) {
    settle(home);
    const { status, out, err } = await home.run('sync', stick);
    assert.equal(status, 3, `round ${round}: ${out}${err}`);
    assert.match(err, said);
    assert.doesNotMatch(err, /^mrepl: [0-9a-f]{64}/m, 'nobody knows a message by its guid');
    await cabin.mrepl('sync', stick);
    if (round === 3) assert.match(out, /nothing new on either side/, 'and nothing is written for it');
  }
}

for (const when of ['before it was first seen', 'before its text was sent', 'before it was asked for']) {
  test(`a message that could not be read any more ${when}`, async (t) => {
    const scene = await makeScene(t);
    const { home, cabin, stick } = scene;
    if (when === 'before it was first seen') {
      home.put(letter('three'));
      somebody.own(home.maildir);
    } else if (when === 'before it was asked for') {
      await home.mrepl('export', stick, '--texts', 'never');
      await cabin.mrepl('sync', stick);
    }
    const needle = when === 'before it was first seen' ? 'Subject: three' : 'Subject: two';
    const file = home.files(needle)[0] ?? '';
    const mode = 0o600;
    chmodSync(file, 0);
    const name = basename(file).split(':')[0] ?? '';
    await assertSaid(scene, new RegExp(`^mrepl: reading the message ${name} in INBOX: EACCES`, 'm'));
    assert.equal(cabin.count('Subject: one'), 1, 'the others are exchanged');
    chmodSync(file, mode);
    settle(home);
    for (const site of [home, cabin, home, cabin, home]) await site.mrepl('sync', stick);
    await assertAgreed([home, cabin]);
    assert.equal(cabin.count(needle), 1);
  });
}

test('a text that was left out follows where nobody can ask for it', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const file = home.files('Subject: two')[0] ?? '';
  chmodSync(file, 0);
  assert.equal((await home.run('export', stick)).status, 3);
  await cabin.mrepl('import', stick);
  chmodSync(file, 0o600);
  await home.mrepl('export', stick);
  await cabin.mrepl('import', stick);
  assert.equal(cabin.count('Subject: two'), 1);
});

test('a file with a name that no mail program gives', async (t) => {
  const scene = await makeScene(t);
  const { home, cabin, stick } = scene;
  const strange = join(home.maildir, 'cur', 'line\nbreak');
  writeFileSync(strange, letter('strange'));
  await assertSaid(scene, /Maildir\/cur\/line\\x0abreak has a name that no mail program gives/);
  renameSync(strange, join(home.maildir, 'cur', 'line:2,'));
  somebody.own(home.maildir);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  await assertAgreed([home, cabin]);
});
