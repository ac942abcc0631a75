import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { didRunDie } from '../../src/catalog/facts/runs/run-that-died.js';
import { openCatalog } from '../../src/catalog/open-catalog.js';
import { pairAll } from '../host.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// What status says of two hosts and a stick, at each visit.

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string; readonly directory: string };

async function paired(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const stick = join(directory, 'my stick');
  mkdirSync(stick);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  home.put(letter('first'));
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  await pairAll([home, cabin]);
  return { home, cabin, stick, directory };
}

const catalogOf = ({ data }: Site): string => join(data, 'mrepl', 'alice', 'catalog.db');

test('what was written is on its stick and not confirmed, until the bundle of the peer comes back', async (t) => {
  const { home, cabin, stick } = await paired(t);
  await home.mrepl('sync', stick);
  const written = await home.mrepl('status');
  assert.match(written, /^cabin {2}nothing heard of it yet$/m);
  assert.match(
    written,
    /^Written, and not confirmed yet:\n {2}"\S+\/my stick": home-000001\.tar\.zst\.age \(.*\), just now, for cabin$/m,
  );
  assert.match(
    written,
    /^Next, take "\S+\/my stick" to cabin\. There, and then here once more:\n {2}mrepl sync '\S+\/my stick'$/m,
  );
  await cabin.mrepl('sync', stick);
  assert.match(await cabin.mrepl('status'), /^Next, take "\S+\/my stick" to home\./m);
  await home.mrepl('sync', stick);
  const confirmed = await home.mrepl('status');
  assert.match(confirmed, /^cabin {2}in step since /m);
  assert.doesNotMatch(confirmed, /not confirmed/);
  for (const site of [cabin, home]) {
    await site.mrepl('sync', stick);
    assert.match(await site.mrepl('status'), /^\w+ +in step since .*\n\nNothing waits, as far as is known here\.$/m);
  }
});

test('what came since is lacking, and to be written before anything is carried', async (t) => {
  const { home, cabin, stick } = await paired(t);
  for (const site of [home, cabin, home]) await site.mrepl('sync', stick);
  for (const subject of ['second', 'third']) home.put(letter(subject));
  assert.equal((await home.run('export', stick, '--max-size', '1')).status, 74);
  const told = await home.json('status');
  const peer = told.find(({ kind }) => kind === 'peer');
  assert.deepEqual(
    [peer?.lacks, peer?.unwritten],
    [
      { messages: 2, mailboxes: 1 },
      { messages: 2, mailboxes: 1 },
    ],
  );
  assert.match(await home.mrepl('status'), /^cabin {2}lacks 2 new messages in 1 mailbox; heard of /m);
});

describe('while another run has the account', () => {
  test('status, log and mrepl alone answer at once, from what was committed', async (t) => {
    const { home, stick } = await paired(t);
    await home.mrepl('export', stick);
    const other = await openCatalog(catalogOf(home), { waitMs: 0 });
    try {
      assert.match(await home.mrepl('status'), /^INBOX +1 /m);
      assert.match(await home.mrepl(), /^1 message in 1 mailbox/m);
      assert.match(await home.mrepl('log'), /home-000001/);
    } finally {
      other.close();
    }
  });
});

test('status needs no store; with --if-present one that is not there is silence', async (t) => {
  const { home } = await paired(t);
  const elsewhere = makeSite(home.home, 'second', { uidList: true });
  await home.mrepl('init', elsewhere.store, '--account', 'second', '--name', 'home');
  rmSync(elsewhere.maildir, { recursive: true });
  assert.match(await home.mrepl('status', '--account', 'second'), /^account second on host home/);
  assert.equal(await home.mrepl('status', '--account', 'second', '--if-present'), '');
});

test('whoever only looks leaves it to the next run to clear away what a dead one left', async (t) => {
  const { home } = await paired(t);
  symlinkSync(
    `pid=999999999,started=1,boot=x,pids=x,machine=${hostname()},turn=1,sinceS=1,socket=-`,
    `${catalogOf(home)}.owner`,
  );
  await home.mrepl('status');
  await home.mrepl('doctor');
  const catalog = await openCatalog(catalogOf(home), { waitMs: 0 });
  assert.equal(didRunDie(catalog), true);
  catalog.close();
  await home.mrepl('export', '--plain', join(home.home, '..', 'my stick'));
  const after = await openCatalog(catalogOf(home), { waitMs: 0 });
  assert.equal(didRunDie(after), false);
  after.close();
});
