import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, initAll } from './agreement.js';
import { letter, makeSite, type Site, type SiteOptions, scratch } from './site.js';

// A message that its user, or a program of his, wrote anew where it lies: a new message, in the place of the old one.

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string; exchange(): Promise<void> };

const subjects = ['one', 'two', 'three'];
const body = (subject: string): string =>
  `The body of ${subject},\nwhich goes on for a while,\nand then comes to its end.`;

async function makeScene(
  t: { after(clean: () => void): void },
  options: SiteOptions = { uidList: true },
): Promise<Scene> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', options);
  const cabin = makeSite(directory, 'cabin', { uidList: true });
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const subject of subjects) home.put(letter(subject, body(subject)), { flags: 'S' });
  await initAll([home, cabin]);
  const exchange = async (): Promise<void> => {
    for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  };
  await exchange();
  return { home, cabin, stick, exchange };
}

function fileOf(site: Site, needle: string, mailbox?: string): string {
  const [file = ''] = site.files(needle, mailbox);
  return file;
}

function uidsOf(site: Site): (number | null)[] {
  return (viewMaildir(site.maildir).INBOX?.messages ?? []).map(({ uid }) => uid);
}

/** Each host has the message once, with its new text. */
async function assertWrittenAnew(sites: readonly Site[]): Promise<void> {
  for (const site of sites) {
    assert.equal(site.count('Quite another body.'), 1);
    assert.equal(site.count('Subject: two'), 1);
  }
  await assertAgreed(sites);
}

/** Lets mrepl read every text, as any run may that sends one. */
async function readAll(site: Site): Promise<void> {
  await site.run('doctor', '--deep', '--quiet');
}

/** The sizes that names of files say are those of the files. */
function assertSizes(site: Site): void {
  for (const file of site.files('', 'INBOX')) {
    const text = readFileSync(file);
    const lines = text.toString('latin1').split('\n').length - 1;
    const [, size = text.length] = /,S=(\d+)/.exec(file) ?? [];
    const [, wire = text.length + lines] = /,W=(\d+)/.exec(file) ?? [];
    assert.deepEqual([Number(size), Number(wire)], [text.length, text.length + lines], file);
  }
}

const writers: Record<string, (file: string) => void> = {
  'saved again, and longer': (file) =>
    writeFileSync(file, `${readFileSync(file, 'utf8')}One more line, written later.\n`),
  'an attachment taken out': (file) =>
    writeFileSync(file, `${readFileSync(file, 'utf8').slice(0, 140)}\n[taken out]\n`),
  'another word, as long': (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('a while', 'an hour')),
  'a file put over it by rename': (file) => {
    const temporary = join(file, '..', '..', 'tmp', 'editor');
    writeFileSync(temporary, readFileSync(file, 'utf8').replace('comes to its end', 'ends'));
    renameSync(temporary, file);
  },
  'another header': (file) => writeFileSync(file, readFileSync(file, 'utf8').replace('\n\n', '\nX-Label: later\n\n')),
};

for (const [what, write] of Object.entries(writers)) {
  test(`what its user wrote last is the message, on all hosts: ${what}`, async (t) => {
    const { home, cabin, stick, exchange } = await makeScene(t);
    const file = fileOf(home, 'Subject: two');
    const old = readFileSync(file);
    const { mtimeMs } = statSync(file);
    write(file);
    const text = readFileSync(file);
    assert.notDeepEqual(text, old);
    await readAll(home);
    assert.match(await home.mrepl('sync', stick), /took 1 message written anew for new/);
    const { out } = await cabin.run('sync', stick, '--details');
    assert.match(out, /^ANEW {2}INBOX\n.*\n\S+ +\d->4 /m);
    assert.doesNotMatch(out, /expunged/);
    await exchange();
    for (const site of [home, cabin]) {
      assert.deepEqual(readFileSync(fileOf(site, 'Subject: two')), text);
      assert.equal(site.count('Subject: '), 3);
      assertSizes(site);
      assert.equal(uidsOf(site).at(-1), 4, 'a UID never names two texts');
    }
    const now = fileOf(home, 'Subject: two');
    assert.notEqual(basename(now), basename(file));
    assert.match(now, /:2,S$/);
    assert.equal(statSync(now).mtimeMs, mtimeMs, 'it was received when it was');
    const list = readFileSync(join(home.maildir, 'dovecot-uidlist'), 'utf8');
    assert.ok(!list.includes(basename(file).split(':')[0] ?? '?'), 'its record is gone');
    await assertAgreed([home, cabin]);
    // Here nobody has the old text any more; where it was, it can be brought back.
    assert.doesNotMatch(await home.mrepl('restore'), /two/);
    assert.match(await cabin.mrepl('restore'), /two/);
    await cabin.mrepl('restore', '--mailbox', 'INBOX');
    await cabin.mrepl('sync', stick);
    await exchange();
    assert.equal(home.count('Subject: two'), 2);
    assert.ok(home.files('Subject: two').some((each) => readFileSync(each).equals(old)));
    await assertAgreed([home, cabin]);
  });
}

test('what is written anew in a Maildir that no server looks after is taken likewise', async (t) => {
  const { home, cabin, exchange } = await makeScene(t, {});
  writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
  await readAll(home);
  await exchange();
  await assertWrittenAnew([home, cabin]);
});

test('a file with the old date holds no other message, whatever is in it', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const file = fileOf(home, 'Subject: two');
  const { atime, mtime } = statSync(file);
  const original = readFileSync(file);
  writeFileSync(file, letter('two', 'Quite another body.'));
  utimesSync(file, atime, mtime);
  await readAll(home);
  assert.equal((await home.run('sync', stick)).status, 3);
  await cabin.mrepl('sync', stick);
  assert.match(await home.mrepl('sync', stick), /replaced 1 damaged text/);
  assert.deepEqual(readFileSync(file), original);
});

for (const [what, spoil] of [
  ['cut off', (file: string) => truncateSync(file, 150)],
  [
    'cut off, with zeros behind',
    (file: string) => {
      const { size } = statSync(file);
      truncateSync(file, 150);
      truncateSync(file, size);
    },
  ],
] as const) {
  test(`what is left of a message is none, though its date is new: ${what}`, async (t) => {
    const { home, cabin, stick } = await makeScene(t);
    const before = viewMaildir(home.maildir);
    const file = fileOf(home, 'Subject: two');
    const original = readFileSync(file);
    spoil(file);
    await readAll(home);
    assert.equal((await home.run('sync', stick)).status, 3);
    await cabin.mrepl('sync', stick);
    assert.match(await home.mrepl('sync', stick), /replaced 1 damaged text/);
    assert.deepEqual(readFileSync(file), original);
    assert.deepEqual(viewMaildir(home.maildir), before, 'name, UID, flags and date are what they were');
  });
}

test('what differs from the beginning of the old text in a few bytes is seen to do so when that comes', async (t) => {
  const { home, cabin, stick, exchange } = await makeScene(t);
  const file = fileOf(home, 'Subject: two');
  const text = `${readFileSync(file, 'utf8').slice(0, 200)}!\n`;
  writeFileSync(file, text);
  await readAll(home);
  await home.run('sync', stick);
  await cabin.mrepl('sync', stick);
  await home.run('sync', stick);
  await exchange();
  for (const site of [home, cabin]) assert.equal(readFileSync(fileOf(site, 'Subject: two'), 'utf8'), text);
  await assertAgreed([home, cabin]);
});

test('a file that was half there at the first look is looked at once more', async (t) => {
  const { home, cabin, stick, exchange } = await makeScene(t);
  const whole = letter('slow', body('slow'));
  const path = join(home.maildir, 'cur', '1700000000.slow.home:2,S');
  for (const bytes of [60, 150]) {
    writeFileSync(path, whole.slice(0, bytes));
    await home.mrepl('sync', stick);
    const [there = path] = home.files('Subject: slow');
    renameSync(there, path); // whoever copies it in place goes on under the name it had
  }
  writeFileSync(path, whole);
  await home.mrepl('sync', stick);
  await exchange();
  for (const site of [home, cabin]) {
    assert.equal(site.count('Subject: slow'), 1);
    assert.equal(readFileSync(fileOf(site, 'Subject: slow'), 'utf8'), whole);
    assertSizes(site);
  }
  await assertAgreed([home, cabin]);
});

test('flags that are set elsewhere on the old text follow, however often it is written anew before that is heard of', async (t) => {
  const { home, cabin, stick, exchange } = await makeScene(t);
  for (let time = 1; time <= 3; time++) {
    writeFileSync(fileOf(home, 'Subject: two'), letter('two', `Written ${time} times.`));
    await readAll(home);
    await home.mrepl('sync', stick);
  }
  cabin.mark('Subject: two', { add: 'F', remove: 'S' });
  await cabin.mrepl('sync', stick);
  await exchange();
  for (const site of [home, cabin]) {
    assert.match(fileOf(site, 'Written 3 times.'), /:2,F$/);
    assert.equal(site.count('Subject: two'), 1);
  }
  await assertAgreed([home, cabin]);
});

test('what is written anew on two hosts is two messages', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  for (const site of [home, cabin]) {
    writeFileSync(fileOf(site, 'Subject: two'), letter('two', `Written at ${site.name}.`));
    await readAll(site);
  }
  await exchange();
  await exchange();
  for (const site of [home, cabin]) {
    assert.equal(site.count('Written at home.'), 1);
    assert.equal(site.count('Written at cabin.'), 1);
    assert.equal(site.count('Subject: '), 4);
  }
  await assertAgreed([home, cabin]);
});

for (const isNoticed of [true, false]) {
  test(`what is written anew stays where others expunge the old text, ${isNoticed ? 'noticed before' : 'not noticed yet'}`, async (t) => {
    const { home, cabin, stick, exchange } = await makeScene(t);
    cabin.expunge('Subject: two');
    await cabin.mrepl('sync', stick);
    writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
    if (isNoticed) await readAll(home);
    await exchange();
    await exchange();
    await assertWrittenAnew([home, cabin]);
  });

  test(`what is written anew stays where others move the old text, ${isNoticed ? 'noticed before' : 'not noticed yet'}`, async (t) => {
    const { home, cabin, stick, exchange } = await makeScene(t);
    const old = readFileSync(fileOf(cabin, 'Subject: two'), 'utf8');
    cabin.move('Subject: two', 'INBOX', 'Kept');
    await cabin.mrepl('sync', stick);
    writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
    if (isNoticed) await readAll(home);
    for (let round = 0; round < 3; round++) for (const site of [home, cabin]) await site.run('sync', stick);
    await exchange();
    for (const site of [home, cabin]) {
      assert.equal(readFileSync(fileOf(site, 'Subject: two', 'Kept'), 'utf8'), old);
      assert.equal(site.count('Quite another body.'), 1);
      assert.equal(site.count('Subject: two'), 1);
    }
    await assertAgreed([home, cabin]);
  });
}

test('a text that was asked for is not put over what its user wrote meanwhile', async (t) => {
  const { home, cabin, stick, exchange } = await makeScene(t);
  const file = fileOf(home, 'Subject: two');
  const { atime, mtime } = statSync(file);
  truncateSync(file, 100);
  utimesSync(file, atime, mtime);
  await readAll(home);
  assert.equal((await home.run('sync', stick)).status, 3, 'it is damaged, and asked for');
  await cabin.mrepl('sync', stick);
  writeFileSync(file, letter('two', 'Quite another body.'));
  await exchange();
  await exchange();
  await assertWrittenAnew([home, cabin]);
});

test('both names of one file that was written anew are messages written anew', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  home.create('Copies');
  const file = fileOf(home, 'Subject: two');
  linkSync(file, join(home.folder('Copies'), 'cur', basename(file)));
  await exchange();
  writeFileSync(file, letter('two', 'Quite another body.'));
  await readAll(home);
  await exchange();
  for (const site of [home, cabin]) {
    for (const mailbox of ['INBOX', 'Copies']) {
      assert.equal(site.count('Quite another body.', mailbox), 1);
      assert.equal(site.count('Subject: two', mailbox), 1);
    }
  }
});

test('a peer that may only append adds what it wrote anew, and takes nothing away', async (t) => {
  const { home, cabin, stick, exchange } = await makeScene(t);
  await cabin.mrepl('peers', 'limit', 'home', 'append');
  await exchange();
  writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
  await readAll(home);
  await home.mrepl('sync', stick);
  await cabin.mrepl('sync', stick);
  assert.equal(cabin.count('Quite another body.'), 1);
  assert.equal(cabin.count('Subject: two'), 2);
});

test('nothing is left in the way of a message that was written anew', async (t) => {
  const { home, exchange } = await makeScene(t);
  writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
  await readAll(home);
  await exchange();
  assert.deepEqual(
    readdirSync(join(home.maildir, 'tmp')).filter((name) => name !== 'mrepl-trash'),
    [],
  );
  assert.match(await home.mrepl('doctor', '--deep'), /all is sound/);
});

describe('no UID is given to what was written anew and not noticed yet', () => {
  test('where an old UID list turned up, and the UIDs are put right', async (t) => {
    const { home, cabin, exchange } = await makeScene(t);
    const path = join(home.maildir, 'dovecot-uidlist');
    const list = readFileSync(path, 'utf8');
    writeFileSync(path, list.replace('V1700000000 ', 'V1699999999 '));
    writeFileSync(fileOf(home, 'Subject: two'), letter('two', 'Quite another body.'));
    await exchange();
    assert.equal(viewMaildir(home.maildir).INBOX?.uidValidity, 1700000000);
    assert.deepEqual(uidsOf(home), [1, 3, 4], 'clients have the old text under UID 2');
    await assertWrittenAnew([home, cabin]);
  });

  test('where two hosts gave one UID to two messages, so that both move', async (t) => {
    const { home, cabin, stick, exchange } = await makeScene(t);
    for (const site of [home, cabin]) {
      site.put(letter(`new at ${site.name}`, body(site.name)));
      await site.mrepl('sync', stick);
    }
    writeFileSync(fileOf(home, 'Subject: new at home'), letter('new at home', 'Quite another body.'));
    await home.mrepl('sync', stick);
    assert.equal(uidsOf(home).at(-1), 7, 'the cabin has the texts that had UID 4 under 5 and 6');
    await exchange();
    for (const site of [home, cabin]) {
      assert.equal(site.count('Quite another body.'), 1);
      assert.equal(site.count('Subject: new at home'), 1);
    }
    await assertAgreed([home, cabin]);
  });
});
