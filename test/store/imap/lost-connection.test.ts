import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, startDovecot } from '../../dovecot/dovecot.js';
import { changeNow, digestsOf, scanOf, spooled, type TestedStore } from '../store-under-test.js';
import { cuttingProxy } from './cutting-proxy.js';

let dovecot: Dovecot;
let proxy: Awaited<ReturnType<typeof cuttingProxy>>;
let accounts = 0;

before(async () => {
  dovecot = await startDovecot();
  proxy = await cuttingProxy(dovecot.port);
});

after(async () => {
  proxy.close();
  await dovecot.stop();
});

async function withStore(work: (store: TestedStore) => Promise<void>): Promise<void> {
  const user = dovecot.account(`cut${++accounts}`).name;
  const stateDirectory = mkdtempSync(join(tmpdir(), 'mrepl-imap-'));
  const credentials = { user, password: 'any' };
  const way = { kind: 'network', host: '127.0.0.1', port: proxy.port, tls: 'none', credentials } as const;
  const kept = createMemorySpoolAndTrash();
  const store = openImapStore({ access: { name: `imap://${user}`, way }, stateDirectory, now: Date.now, ...kept });
  try {
    await work({ ...store, ...kept });
  } finally {
    await store.close();
    rmSync(stateDirectory, { recursive: true });
  }
}

/** Two texts, delivered. */
async function delivered(store: TestedStore) {
  const one = await spooled(store, 'Subject: a\n\na\n');
  const two = await spooled(store, 'Subject: b\n\nb\n');
  return { one, two, outcome: await changeNow(store, 'INBOX', { deliver: [one, two] }) };
}

test('what is only read is read again over another connection', () =>
  withStore(async (store) => {
    const { outcome, one, two } = await delivered(store);
    const refs = [...outcome.given.values()].map(({ ref }) => ref);
    for (const where of ['before', 'after'] as const) {
      for (const word of ['EXAMINE', 'FETCH']) {
        proxy.cut({ word, where });
        assert.equal((await scanOf(store, 'INBOX')).messages.length, 2);
        proxy.cut({ word, where });
        const { digests, troubles } = await digestsOf(store, 'INBOX', refs);
        assert.deepEqual(troubles, []);
        assert.deepEqual(
          refs.map((ref) => digests.get(ref)?.guid),
          [one.guid, two.guid],
        );
      }
    }
  }));

test('a delivery whose answer is lost is not said again: the next look shows all of it, or nothing', async () => {
  for (const [where, count] of [
    ['before', 0],
    ['after', 2],
  ] as const) {
    await withStore(async (store) => {
      proxy.cut({ word: 'APPEND', where });
      await assert.rejects(delivered(store), { code: 'io' });
      assert.equal((await scanOf(store, 'INBOX')).messages.length, count);
    });
  }
});

test('an expunge that is cut off leaves the text in the trash before it takes it from the server', () =>
  withStore(async (store) => {
    const { outcome, one } = await delivered(store);
    const ref = outcome.given.get(one.ref)?.ref ?? '';
    for (const [word, where, left] of [
      ['STORE', 'before', 2],
      ['STORE', 'after', 2],
      ['EXPUNGE', 'before', 2],
      ['EXPUNGE', 'after', 1],
    ] as const) {
      proxy.cut({ word, where });
      await assert.rejects(changeNow(store, 'INBOX', { expunge: [{ ref, guid: one.guid }] }), { code: 'io' });
      assert.deepEqual([...(await store.trash.guids())], [one.guid]);
      assert.equal((await scanOf(store, 'INBOX')).messages.length, left);
    }
  }));

test('a mailbox that is removed is no longer subscribed to; one that others are below is left, without it', async () => {
  const account = dovecot.account(`cut${accounts + 1}`); // of the next store
  const client = await account.client();
  for (const mailbox of ['gone', 'parent', 'parent/child']) await client.create(mailbox);
  await client.close();
  await withStore(async (store) => {
    assert.equal(await store.removeMailbox('gone'), true);
    assert.equal(await store.removeMailbox('parent'), false);
  });
  assert.deepEqual(await account.subscriptions(), ['parent/child']);
});

test('a mailbox whose removal is cut off is put back, to be removed again', async () => {
  const account = dovecot.account(`cut${accounts + 1}`); // of the next store
  const client = await account.client();
  await client.create('gone');
  const names = async (): Promise<string[]> => (await client.mailboxes()).filter((name) => name !== 'INBOX');
  await withStore(async (store) => {
    proxy.cut({ word: 'DELETE', where: 'before' });
    await assert.rejects(store.removeMailbox('gone'), { code: 'io' });
    assert.match((await names()).join(), /^gone-removed-[0-9a-f]{8}$/);
    await store.clearAfterCrash(['gone']);
    assert.deepEqual(await names(), ['gone']);
    assert.equal(await store.removeMailbox('gone'), true);
    assert.deepEqual(await names(), []);
  });
  await client.close();
});
