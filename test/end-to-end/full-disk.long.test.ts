import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Host, makeHost, mreplProgram, pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';
import { mountSmallDisk } from './small-disk.js';

const numbers = [1, 2, 3, 4, 5];

type FullDisk = {
  readonly home: Site;
  readonly cabin: Host;
  readonly stick: string;
  /** Leaves so many inodes free on the disk of the cabin's mail. */
  readonly leaveRoom: (inodes: number) => void;
  /** With room for everything. */
  readonly exchange: () => Promise<void>;
  /** How many messages the cabin has in a mailbox. */
  readonly count: (mailbox: string) => number | undefined;
};

/** Two hosts that have the same five letters, the cabin on a small disk. */
async function makeFullDisk(t: { after(clean: () => void): void }): Promise<FullDisk> {
  const directory = scratch(t);
  const outside = makeSite(directory, 'cabin');
  const disk = await mountSmallDisk(t, outside.maildir);
  for (const part of ['cur', 'new', 'tmp']) disk.run('mkdir', join(outside.maildir, part));
  const cabin = makeHost({ ...outside, program: disk.command(mreplProgram) });
  const home = makeSite(directory, 'home');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const number of numbers) home.put(letter(`other ${number}.`));
  await home.mrepl('init', home.store, '--name', 'home');
  await cabin.mrepl('init', cabin.store, '--name', 'cabin');
  await pairAll([home, cabin]);
  const remount = (inodes: number): string => disk.run('mount', '-o', `remount,nr_inodes=${inodes}`, outside.maildir);
  const exchange = async (): Promise<void> => {
    remount(10_000);
    for (const host of [home, cabin, home, cabin, home]) await host.mrepl('sync', stick);
  };
  await exchange();
  return {
    home,
    cabin,
    stick,
    exchange,
    leaveRoom(inodes) {
      remount(10_000); // it cannot be made smaller than what is used
      remount(Number(disk.run('df', '--output=iused', outside.maildir).split('\n')[1]) + inodes);
    },
    count: (mailbox) => viewMaildir(disk.seen(outside.maildir))[mailbox]?.messages.length,
  };
}

test('a disk that is full at one step of an import after another: nothing is lost, and with more room all of it arrives', async (t) => {
  const { home, cabin, stick, leaveRoom, exchange, count } = await makeFullDisk(t);
  for (const number of numbers) home.put(letter(`kept ${number}.`), { mailbox: 'New' });
  for (let room = 0; room <= 14; room += 2) {
    leaveRoom(room);
    await home.mrepl('sync', stick);
    const { status, out, err } = await cabin.run('sync', stick);
    assert.ok([0, 3, 74].includes(status), `${room} inodes of room: ${out}${err}`);
    assert.equal(home.count('kept', 'New'), numbers.length);
    assert.equal(home.count('other'), numbers.length);
  }
  await exchange();
  assert.deepEqual([count('INBOX'), count('New')], [numbers.length, numbers.length]);
  assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
});

test('a disk that is full at each step of a restore: nothing is lost, and with more room all of it comes back', async (t) => {
  const { home, cabin, leaveRoom, exchange, count } = await makeFullDisk(t);
  for (const number of numbers) home.put(letter(`kept ${number}.`), { mailbox: 'New' });
  await exchange();
  rmSync(home.folder('New'), { recursive: true });
  await exchange();
  assert.equal(count('New'), undefined);
  for (let room = 0; room <= 5; room++) {
    leaveRoom(room);
    const { status, out, err } = await cabin.run('restore', '--all');
    assert.ok([0, 3, 74].includes(status), `${room} inodes of room: ${out}${err}`);
    assert.equal(status === 0, count('New') === numbers.length, `${room} inodes of room: ${out}${err}`);
  }
  await exchange();
  assert.deepEqual([count('INBOX'), count('New')], [numbers.length, numbers.length]);
  assert.equal(home.count('kept', 'New'), numbers.length);
  assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
});
