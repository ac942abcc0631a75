import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFrom } from '../../src/flow/import/run-import.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { scratch } from '../end-to-end/site.js';
import { makeParty, type Party, pair, sessionOf, sync, textsIn } from '../scenes/party.js';

// Three hosts have the same message before they hear of each other.

test('a message that one host took away and put back, while two others made theirs one, stays on all', async (t) => {
  const directory = scratch(t);
  const stickFor = (name: string): string => {
    mkdirSync(join(directory, 'sticks', name), { recursive: true });
    return join(directory, 'sticks', name);
  };
  const parties = await Promise.all([
    makeParty(directory, 'one', 1),
    makeParty(directory, 'two', 2),
    makeParty(directory, 'three', 3),
  ]);
  t.after(() => parties.forEach(({ catalog }) => void catalog.close()));
  const [one, two, three] = parties as [Party, Party, Party];
  const cards = stickFor('cards');
  for (const [a, b] of [
    [one, two],
    [one, three],
    [two, three],
  ] as const) {
    await pair([a, b], cards);
    const folder = join(cards, 'mrepl', 'alice');
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  }
  for (const { store } of parties) store.user.deliver(inbox, 'alike');
  const take = async (party: Party, stick: string): Promise<void> => {
    const choice = { dryRun: false, mailboxes: [], allowExpunge: true };
    await importFrom(sessionOf(party), { directory: stick }, choice);
  };

  await sync(one, stickFor('of one'));
  await sync(two, stickFor('of two'));
  await take(three, stickFor('of one')); // its own message is that of the first host from now on
  three.store.user.expunge(inbox, three.store.user.messages(inbox)[0]?.ref ?? '');
  await sync(three, stickFor('apart'));
  three.store.user.deliver(inbox, 'alike');
  await sync(three, stickFor('apart'));
  await take(three, stickFor('of two'));
  await take(one, stickFor('of two')); // the second host's message is that of the first one
  for (let round = 0; round < 3; round++) for (const party of parties) await sync(party, stickFor('all'));
  for (const party of parties) assert.deepEqual(textsIn(party), ['alike']);
});
