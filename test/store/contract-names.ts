import assert from 'node:assert/strict';
import { changeNow, type DeclareTest, going, scanOf, spooled } from './store-under-test.js';

/** Names that mailboxes have somewhere, and that one store or another has no directory for. */
export const oddNames: readonly string[] = [
  'lists.debian',
  'lists.debian/sub.list',
  '.leading',
  'trailing.',
  '...',
  ' space ',
  '~root',
  '~',
  '~/below',
  'a/~b',
  'cur',
  'a/tmp',
  'new/b',
  'a/INBOX',
  'INBOX/a.b',
  'subscriptions',
  'a/dovecot-uidlist',
  'Dovecot.index.log',
  'back\\slash',
  'like\\2eescaped',
  'percent%2Eescaped',
  'R&D.x',
  '&AC4-',
  'Zoë.ß',
  'case',
  'Case',
  'x'.repeat(255),
  'x'.repeat(300),
  `${'x'.repeat(300)}y`,
  `${'x'.repeat(300)}/below`,
  `${'x'.repeat(200)}/${'y'.repeat(200)}`,
  'ö'.repeat(300),
  Array.from({ length: 60 }, (_, index) => `part ${index}`).join('/'),
  `a/${'.'.repeat(400)}`,
];

/** What every store promises of the names of mailboxes: it keeps them all. */
export function namesContract(test: DeclareTest): void {
  test('keeps mailboxes under all names there are, each by itself', async ({ store }) => {
    for (const [index, name] of oddNames.entries()) {
      const one = await spooled(store, `Subject: ${index}\n\n`, { uid: 1, flags: new Set(['\\Seen']) });
      const { outcome, troubles } = await changeNow(store, name, { deliver: [one] });
      assert.deepEqual([name, outcome, troubles], [name, 'done', []]);
    }
    const listing = await store.list();
    assert.deepEqual(listing.troubles, []);
    assert.deepEqual(listing.mailboxes.map(({ name }) => name).sort(), [...oddNames, 'INBOX'].sort());
    for (const [index, name] of oddNames.entries()) {
      const { messages } = await scanOf(store, name);
      assert.equal(messages.length, 1, name);
      const text = Buffer.from(await store.readText(name, messages[0]?.ref ?? '')).toString();
      assert.equal(text, `Subject: ${index}\n\n`, name);
    }
  });

  test('keeps subscriptions to mailboxes of such names', async ({ store }) => {
    for (const name of oddNames) {
      await changeNow(store, name, {});
      await store.subscribe(name, true);
    }
    const subscribed = async () =>
      (await store.list()).mailboxes.flatMap(({ name, subscribed: is }) => (is === true ? [name] : [])).sort();
    assert.deepEqual(await subscribed(), [...oddNames].sort());
    for (const name of oddNames) await store.subscribe(name, false);
    assert.deepEqual(await subscribed(), []);
  });

  test('removes mailboxes of such names', async ({ store }) => {
    for (const [index, name] of oddNames.entries()) {
      await changeNow(store, name, { deliver: [await spooled(store, `Subject: ${index}\n\n`, { uid: 1 })] });
    }
    for (const name of oddNames) {
      const { messages } = await scanOf(store, name);
      await changeNow(store, name, { expunge: going(...messages.map(({ ref }) => ref)) });
      assert.equal(await store.removeMailbox(name), true, name);
    }
    const listing = await store.list();
    assert.deepEqual([listing.mailboxes.map(({ name }) => name), listing.troubles], [['INBOX'], []]);
  });
}
