import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string; exchange(): Promise<void> };

/** Two hosts, one of which has mail, before they exchange any. */
async function makeScene(t: { after(clean: () => void): void }, fill: (home: Site) => void): Promise<Scene> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const home = makeSite(directory, 'home', { uidList: true });
  const cabin = makeSite(directory, 'cabin', { layout: 'fs' });
  fill(home);
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([home, cabin]);
  const exchange = async (): Promise<void> => {
    for (const host of [home, cabin, home]) await host.mrepl('sync', stick);
  };
  await exchange();
  return { home, cabin, stick, exchange };
}

/** What has to come back: everything but UIDs and file names. */
function content({ maildir }: Site, layout?: 'fs'): string[] {
  return Object.entries(viewMaildir(maildir, layout))
    .flatMap(([name, { messages }]) =>
      messages.map(({ flags, receivedS, text }) => JSON.stringify([name, [...flags], receivedS, text])),
    )
    .sort();
}

test('after a mass deletion that was let through everything comes back, also to the host that deleted it', async (t) => {
  const count = 120;
  const { home, cabin, stick, exchange } = await makeScene(t, (host) => {
    for (let number = 0; number < count; number++) {
      const mailbox = number % 3 === 0 ? 'Lists/old' : 'INBOX';
      host.put(letter(`letter ${number}.`), { mailbox, flags: ['', 'S', 'FS', 'RS'][number % 4] ?? '' });
    }
  });
  const before = content(home);
  assert.equal(before.length, count);
  rmSync(home.folder('Lists/old'), { recursive: true });
  for (const file of home.files('letter', 'INBOX')) rmSync(file);
  await home.mrepl('sync', stick, '--allow-expunge');
  const stopped = await cabin.run('import', stick);
  assert.deepEqual([stopped.status, cabin.count('letter')], [77, 80]);
  assert.match(stopped.err, /would expunge 120 of 120 messages; nothing was changed/);
  assert.match(await cabin.mrepl('restore'), /^Nothing that was expunged here can be brought back\.$/m);
  await cabin.mrepl('import', stick, '--allow-expunge');
  assert.deepEqual(content(cabin, 'fs'), []);
  const listed = await cabin.json('restore');
  assert.equal(listed.filter(({ outcome }) => outcome === 'restorable').length, count);
  const one = listed.find(({ mailbox }) => mailbox === 'Lists/old');
  const file = join(cabin.maildir, 'cur/.mrepl/tmp/trash', String(one?.guid));
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('Nothing', 'Anything'));
  const partly = await cabin.run('restore', '--mailbox', 'Lists/*');
  assert.deepEqual([partly.status, partly.out], [3, 'restored 39 messages to Lists/old; 1 message is damaged\n']);
  assert.ok(partly.err.includes(`bringing back ${file}: it is damaged, or not there any more`), partly.err);
  assert.equal(cabin.count('Anything', 'Lists/old'), 0);
  writeFileSync(file, text);
  assert.match(
    await cabin.mrepl('restore', '--all'),
    /^restored 81 messages to (INBOX and Lists\/old|Lists\/old and INBOX)\n$/,
  );
  assert.match(await cabin.mrepl('log'), / restore .*: 81 messages brought back\n$/);
  await exchange();
  assert.deepEqual([content(home), content(cabin, 'fs')], [before, before]);
  for (const { maildir } of [home, cabin]) assert.deepEqual(readdirSync(join(maildir, 'tmp')), []);
});
