import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letter, scratch } from '../end-to-end/site.js';
import { makePair, type Party, sync } from '../scenes/party.js';

// A mailbox that cannot be looked at for a while: nothing is merged with it, as nobody knows what its user did there, and nothing of that is lost.

type Scene = { readonly home: Party; readonly cabin: Party; exchange(...parties: readonly Party[]): Promise<void> };

const [one, two] = [letter('one'), letter('two')];

async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const { home, cabin, stick } = await makePair(t, scratch(t));
  for (const text of [one, two]) home.store.user.deliver('INBOX', text);
  const exchange = async (...parties: readonly Party[]): Promise<void> => {
    for (const party of parties) {
      const troubles = await sync(party, stick);
      if (party.blocked === null) assert.equal(troubles, 0);
      else assert.ok(troubles > 0);
    }
  };
  await exchange(home, cabin, home);
  return { home, cabin, exchange };
}

function refOf({ store }: Party, mailbox: string, text: string): string {
  const found = store.user.messages(mailbox).find((message) => Buffer.from(message.text).toString() === text);
  assert.ok(found !== undefined, `there is no such message in ${mailbox}`);
  return found.ref;
}

function move(party: Party, text: string, to: string): void {
  party.store.user.expunge('INBOX', refOf(party, 'INBOX', text));
  party.store.user.deliver(to, text);
}

/** Subjects and flags. */
function shown({ store }: Party, mailbox: string): string[] {
  return store.user
    .messages(mailbox)
    .map(({ text, flags }) => [/Subject: (.*)/.exec(Buffer.from(text).toString())?.[1], ...flags].join(' '))
    .sort();
}

test('what peers did there waits until it can be looked at, and then both is kept', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  move(home, two, 'Kept');
  home.store.user.deliver('INBOX', letter('three'));
  cabin.store.user.setFlags('INBOX', refOf(cabin, 'INBOX', two), ['\\Flagged']);
  cabin.blocked = 'INBOX';
  await exchange(home, cabin, home, cabin, home);
  assert.deepEqual(shown(cabin, 'INBOX'), ['one', 'two \\Flagged']);
  assert.deepEqual(shown(cabin, 'Kept'), ['two']);
  cabin.blocked = null;
  await exchange(cabin, home, cabin);
  for (const party of [home, cabin]) {
    assert.deepEqual(shown(party, 'INBOX'), ['one', 'three']);
    assert.deepEqual(shown(party, 'Kept'), ['two \\Flagged']);
  }
});

test('flags follow a message that was moved out of it', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  move(home, two, 'Kept');
  home.blocked = 'INBOX';
  await exchange(home);
  cabin.store.user.setFlags('INBOX', refOf(cabin, 'INBOX', two), ['\\Flagged']);
  await exchange(cabin);
  home.blocked = null;
  await exchange(home, cabin, home);
  for (const party of [home, cabin]) {
    assert.deepEqual(shown(party, 'INBOX'), ['one']);
    assert.deepEqual(shown(party, 'Kept'), ['two \\Flagged']);
  }
});

test('flags follow a message that was moved into it, unless the others have heard by then that it is gone', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  home.store.user.deliver('Kept', letter('three'));
  await exchange(home, cabin);
  move(home, two, 'Kept');
  home.blocked = 'Kept';
  cabin.store.user.setFlags('INBOX', refOf(cabin, 'INBOX', two), ['\\Flagged']);
  await exchange(home);
  home.blocked = null;
  await exchange(home, cabin, home);
  for (const party of [home, cabin]) {
    assert.deepEqual(shown(party, 'INBOX'), ['one']);
    assert.deepEqual(shown(party, 'Kept'), ['three', 'two \\Flagged']);
  }
});

test('at first contact it brings nothing twice', async (t) => {
  const { home, cabin, exchange } = await makeScene(t);
  for (const { store } of [home, cabin]) store.user.deliver('Work', letter('at work'));
  cabin.blocked = 'Work';
  await exchange(home, cabin, home);
  cabin.blocked = null;
  await exchange(cabin, home, cabin);
  for (const party of [home, cabin]) assert.deepEqual(shown(party, 'Work'), ['at work']);
});
