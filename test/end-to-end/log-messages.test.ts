import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pairAll } from '../host.js';
import { letter, makeSite, scratch } from './site.js';

test('log --messages names what came, went and moved in each run, by subject as far as a text is here', async (t) => {
  const directory = scratch(t);
  const home = makeSite(directory, 'home');
  const cabin = makeSite(directory, 'cabin');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  for (const name of ['goes', 'moves', 'stays']) home.put(letter(`it ${name}.`), { flags: 'S' });
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([home, cabin]);
  for (const host of [home, cabin]) await host.mrepl('sync', stick);
  cabin.expunge('it goes.');
  cabin.create('Archive');
  cabin.move('it moves.', 'INBOX', 'Archive');
  for (const host of [cabin, home]) await host.mrepl('sync', stick);

  const lines = await home.json('log', '--messages');
  const last = lines.slice(lines.findLastIndex(({ kind, what }) => kind === 'log' && what === 'import') + 1);
  assert.deepEqual(
    last
      .filter(({ kind }) => kind === 'message')
      .map(({ what, mailbox, from, subject, uidBefore, uidAfter }) => [
        what,
        mailbox,
        from,
        subject,
        uidBefore,
        uidAfter,
      ]),
    [
      ['goes', 'INBOX', null, 'it goes.', 1, null],
      ['moves', 'Archive', 'INBOX', 'it moves.', null, 1],
    ],
  );
  const shown = await home.mrepl('log', '--messages', '--lines', '2');
  assert.match(shown, /GOES {2}INBOX\n.*\n\d{4}-\d\d-\d\d +1 .* it goes\. /);
  assert.match(shown, /MOVES {2}INBOX -> Archive\n.*\n\d{4}-\d\d-\d\d +1 .* it moves\. /);
  assert.doesNotMatch(await home.mrepl('log'), /it goes/);

  const told = (await cabin.json('log', '--messages')).filter(
    ({ kind, what }) => kind === 'message' && what === 'moves',
  );
  assert.deepEqual(
    told.map(({ subject, mailbox }) => [subject, mailbox]),
    [['it moves.', 'Archive']],
  );
});
