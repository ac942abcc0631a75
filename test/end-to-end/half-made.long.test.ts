import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { mailUser } from '../dovecot/mail-user.js';
import { mreplProgram } from '../host.js';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, scratch } from './site.js';

// Directories that are a mailbox by half, or that cannot be looked into.

describe('a run that dies while it makes a mailbox', () => {
  const steps = ['', 'dovecot-uidlist', 'maildirfolder', 'tmp', 'new', 'cur'];
  for (const [index, step] of steps.entries()) {
    test(`after the step ${step === '' ? 'folder' : step}: the next run makes it whole, and says nothing`, async (t) => {
      const directory = scratch(t);
      const home = makeSite(directory, 'home');
      const cabin = makeSite(directory, 'cabin', { uidList: true });
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      await initAll([home, cabin]);
      for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
      home.put(letter('kept'), { mailbox: 'Sent' });
      home.put(letter('other'));
      await home.mrepl('sync', stick);
      writeFileSync(cabin.folder('Sent'), 'x'); // it has heard of the mailbox, and comes no further than
      assert.equal((await cabin.run('sync', stick)).status, 3);
      rmSync(cabin.folder('Sent'));
      for (const made of steps.slice(0, index + 1)) {
        const path = join(cabin.folder('Sent'), made);
        if (made === 'dovecot-uidlist') writeFileSync(path, '3 V1700000001 N1 G00000000000000000000000000000001\n');
        else if (made === 'maildirfolder') writeFileSync(path, '');
        else mkdirSync(path);
      }
      for (const site of [cabin, home, cabin, home]) await site.mrepl('sync', stick);
      await assertAgreed([home, cabin]);
      assert.equal(cabin.count('kept', 'Sent'), 1);
    });
  }
});

test('half a mailbox that nobody knows is said, and stops no other', async (t) => {
  const directory = scratch(t);
  const home = makeSite(directory, 'home');
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  await initAll([home, cabin]);
  mkdirSync(join(cabin.folder('Sent'), 'tmp'), { recursive: true });
  home.put(letter('other'));
  for (let round = 0; round < 2; round++) {
    await home.mrepl('sync', stick);
    const { status, err } = await cabin.run('sync', stick);
    assert.equal(status, 3, err);
    assert.match(err, /reading Sent: .* has no directory "cur"\n/);
  }
  assert.equal(cabin.count('other'), 1);
  home.put(letter('kept'), { mailbox: 'Sent' });
  for (const site of [home, cabin]) await site.run('sync', stick);
  for (const site of [home, cabin]) await site.mrepl('sync', stick);
  assert.equal(cabin.count('kept', 'Sent'), 1, 'mail for it makes it whole');
});

test('a directory that may not be looked into hides mailboxes, and deletes none', async (t) => {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { layout: 'fs', program: mailUser().command(mreplProgram) });
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('kept'), { mailbox: 'Lists/one' });
  home.put(letter('other'));
  mailUser().own(directory);
  await initAll([home, cabin]);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  chmodSync(home.folder('Lists'), 0o000);
  home.put(letter('another'));
  mailUser().own(join(home.maildir, 'cur'));
  for (let round = 0; round < 2; round++) {
    const { status, err } = await home.run('sync', stick);
    assert.equal(status, 3, err);
    assert.match(err, /listing the mailboxes below Lists: EACCES/);
    await cabin.mrepl('sync', stick);
  }
  chmodSync(home.folder('Lists'), 0o700);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  for (const site of [home, cabin]) {
    assert.equal(site.count('kept', 'Lists/one'), 1, site.name);
    assert.equal(site.count('another'), 1, site.name);
  }
});
