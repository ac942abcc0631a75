import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

function copyTree(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  assert.equal(spawnSync('cp', ['-aT', from, to]).status, 0);
}

function stickIn(directory: string): string {
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return stick;
}

/** What this host says of messages that wait for their texts: subjects nobody knows, so sizes will do. */
async function waiting(site: Site): Promise<unknown[]> {
  const lines = await site.json('forget');
  return lines.filter(({ kind }) => kind === 'textless').map(({ mailbox, holders }) => [mailbox, holders]);
}

test('a text that went down with a disk is waited for until somebody gives it up', async (t) => {
  const directory = scratch(t);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { uidList: true, uidValidity: 1_700_000_009 });
  const stick = stickIn(directory);
  home.put(letter('old'));
  await initAll([home, cabin]);
  await exchange([home, cabin], stick);
  copyTree(home.home, join(directory, 'backup'));
  home.put(letter('lost'));
  home.put(letter('lost in a folder'), { mailbox: 'Lost' });
  await home.mrepl('export', stick, '--texts', 'never');
  await cabin.mrepl('import', stick);
  assert.deepEqual(await waiting(cabin), [
    ['INBOX', ['home']],
    ['Lost', ['home']],
  ]);
  const early = await cabin.run('forget', '--all');
  assert.deepEqual(
    [early.status, early.out],
    [3, 'nothing was forgotten; 2 messages were left, whose texts home should have\n'],
  );
  assert.match(
    early.err,
    /forgetting a message of INBOX: home should have its text; it was left\n.*\nhint: Exchange with home first/,
  );

  copyTree(join(directory, 'backup'), home.home);
  await home.mrepl('rejoin', '--yes');
  await home.mrepl('pair', stick, '--yes');
  await home.mrepl('export', stick);
  await cabin.mrepl('pair', stick, '--yes');
  await cabin.mrepl('sync', stick);
  await home.run('sync', stick);
  await exchange([cabin, home], stick);
  for (const site of [home, cabin]) {
    const { status, out } = await site.run('doctor');
    assert.equal(status, 3, out);
    assert.match(out, /one message in INBOX waits for its text, which no host .*\n(.*\n)? {2}do: .*"mrepl forget"/);
  }
  const listed = await cabin.mrepl('forget');
  assert.match(
    listed,
    /^MAILBOX +UID +MESSAGE +RECEIVED +SIZE +SHOULD HAVE IT\nINBOX +\d+ +[\da-f]{8} .* nobody\nLost /,
  );
  const dry = await cabin.mrepl('forget', '--all', '--dry-run');
  assert.match(dry, /\nwould forget 2 messages of INBOX and Lost\n$/);
  assert.equal((await waiting(cabin)).length, 2, 'a dry run changes nothing');
  rmSync(cabin.folder('Lost'), { recursive: true });
  await cabin.mrepl('sync', stick);
  assert.ok(existsSync(cabin.folder('Lost')), 'what was not seen here keeps its mailbox');
  const digits = /^INBOX +\d+ +([\da-f]{8}) /m.exec(listed)?.[1] ?? '';
  assert.equal(await cabin.mrepl('forget', '--message', digits.toUpperCase()), 'forgot 1 message of INBOX\n');
  assert.equal(await cabin.mrepl('forget', '--mailbox', 'L*'), 'forgot 1 message of Lost\n');
  assert.ok(!existsSync(cabin.folder('Lost')), 'and nothing else did');
  assert.match(await cabin.mrepl('log'), / forget .*: 1 message forgotten\n$/);
  await exchange([cabin, home], stick);
  await assertAgreed([home, cabin]);
  for (const site of [home, cabin]) {
    assert.match(await site.mrepl('doctor'), /^all is sound/m);
    assert.equal(await site.mrepl('forget'), 'No message waits for its text here.\n');
    assert.deepEqual([site.count('Subject: old'), site.count('Subject: lost')], [1, 0]);
  }
});

test('a text that a host beyond the known ones has after all goes into its trash, and can be brought back', async (t) => {
  const directory = scratch(t);
  const [west, east] = ['west', 'east'].map((side) => join(directory, side)) as [string, string];
  const attic = makeSite(west, 'attic', { uidList: true });
  const home = makeSite(east, 'home', { uidList: true });
  const cabin = makeSite(east, 'cabin', { uidList: true });
  const [upstairs, outside] = [stickIn(west), stickIn(east)];
  await initAll(
    [attic, home, cabin],
    [
      [attic, home],
      [home, cabin],
    ],
  );
  attic.put(letter('far away'));
  await attic.mrepl('export', upstairs, '--texts', 'never');
  await home.mrepl('import', upstairs);
  await exchange([home, cabin], outside);
  assert.deepEqual(await waiting(cabin), [['INBOX', []]]);
  await cabin.mrepl('forget', '--all');
  await exchange([cabin, home], outside);
  await exchange([home, attic], upstairs);
  assert.deepEqual([await waiting(cabin), await waiting(home), attic.count('far away')], [[], [], 0]);
  assert.equal(await attic.mrepl('restore', '--all'), 'restored 1 message to INBOX\n');
  await exchange([attic, home], upstairs);
  await exchange([home, cabin], outside);
  await assertAgreed([attic, home, cabin]);
  assert.equal(cabin.count('far away'), 1);
});

test('what forget is asked wrongly changes nothing, and is said', async (t) => {
  const home = makeSite(scratch(t), 'home');
  await initAll([home]);
  for (const wrong of ['5d414', 'letter', '4'.repeat(65)]) {
    const { status, err } = await home.run('forget', '--message', wrong);
    assert.equal(status, 64);
    assert.match(err, /option --message does not take .*\nhint: Give the first 6 or more digits of a guid/);
  }
  assert.match(await home.mrepl('forget', '--message', '5d41402a'), /^No such message waits for its text/);
});
