import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examineAccount } from '../../src/flow/diagnose-account.js';
import { inbox } from '../../src/mail/mailbox-name.js';
import { scratch } from '../end-to-end/site.js';
import { makePair, type Party, sessionOf, sound, sync } from '../scenes/party.js';

// A store beyond a connection, which names its messages itself: whatever is lost with the answer is found again.

/** Turns of one run that are tried: those of its looks, and of its changes. */
const turns = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

function makeScene(t: { after(clean: () => void): void }) {
  return makePair(t, scratch(t), ['told', 'remote']);
}

/** What its user sees, whatever the UIDs are. */
function shownBy({ store }: Party, mailbox = inbox): string[] {
  return store.user
    .messages(mailbox)
    .map(({ text, flags }) => `${Buffer.from(text).toString()} ${[...flags].join(' ')}`)
    .sort();
}

test('nothing is delivered twice, wherever the connection is lost, nor are flags and copies mixed up', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  let lost = 0;
  for (const turn of turns) {
    for (const flags of [['\\Seen'], [], ['\\Flagged']]) home.store.user.deliver(inbox, `Subject: ${turn}\n\n`, flags);
    home.store.user.deliver('Work', `Subject: ${turn}\n\n`);
    await sync(home, stick);
    lost += Math.sign(await sync(cabin, stick, { ...sound, lostAfter: turn }));
    assert.equal(await sync(cabin, stick), 0);
    for (const mailbox of [inbox, 'Work']) assert.deepEqual(shownBy(cabin, mailbox), shownBy(home, mailbox));
  }
  assert.ok(lost > turns.length / 3, `the connection was lost ${lost} times`);
  const before = shownBy(home);
  for (const party of [cabin, home, cabin, home]) assert.equal(await sync(party, stick), 0);
  assert.deepEqual([shownBy(home), shownBy(cabin)], [before, before]);
});

test('what is done in it gets to the others, wherever the connection is lost', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  const { user } = cabin.store;
  for (const turn of turns) {
    const gone = user.deliver(inbox, `Subject: gone ${turn}\n\n`);
    const kept = user.deliver(inbox, `Subject: kept ${turn}\n\n`);
    for (const party of [cabin, home]) await sync(party, stick);
    user.expunge(inbox, gone);
    user.setFlags(inbox, kept, ['\\Answered']);
    await sync(cabin, stick, { ...sound, lostAfter: turn });
    for (const party of [cabin, home]) assert.equal(await sync(party, stick), 0);
    assert.deepEqual(shownBy(home), shownBy(cabin));
  }
  assert.equal(shownBy(home).length, turns.length);
});

test('its messages keep who they are when all of its UIDs are given anew', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  for (let n = 0; n < 5; n++) home.store.user.deliver(inbox, `Subject: ${n}\n\n`, n % 2 === 0 ? ['\\Seen'] : []);
  for (const party of [home, cabin]) assert.equal(await sync(party, stick), 0);
  const before = shownBy(home);
  cabin.store.user.resetUids(inbox, 4711);
  for (const party of [cabin, home, cabin]) assert.equal(await sync(party, stick), 0);
  assert.deepEqual([shownBy(home), shownBy(cabin)], [before, before]);
});

test('a damaged text there is put right by a message that takes its place, wherever the connection is lost', async (t) => {
  const { home, cabin, stick } = await makeScene(t);
  for (const turn of turns) {
    const text = `Subject: ${turn}\n\nThe text of it.\n`;
    home.store.user.deliver(inbox, text, ['\\Seen']);
    for (const party of [home, cabin]) await sync(party, stick);
    const [message] = cabin.store.user.messages(inbox).filter((each) => Buffer.from(each.text).toString() === text);
    cabin.store.user.overwrite(inbox, message?.ref ?? '', `Subject: ${turn}\n\nThe te`);
    await examineAccount(sessionOf(cabin), { deep: true, found: [] });
    await sync(cabin, stick);
    await sync(home, stick);
    await sync(cabin, stick, { ...sound, lostAfter: turn });
    await sync(cabin, stick);
    assert.equal(await sync(cabin, stick), 0);
    assert.deepEqual(shownBy(cabin), shownBy(home));
  }
  assert.equal(shownBy(cabin).length, turns.length);
});
