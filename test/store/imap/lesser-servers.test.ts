import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, startDovecot } from '../../dovecot/dovecot.js';
import { scratch } from '../../end-to-end/site.js';
import { scanOf } from '../store-under-test.js';
import { countingProxy } from './counting-proxy.js';

// What a server cannot do that most can: what is done in its place.

let dovecot: Dovecot;
before(async () => {
  dovecot = await startDovecot();
});
after(() => dovecot.stop());

test('without UIDPLUS what is to go is marked as deleted, its text is in the trash, and nothing else goes', async (t) => {
  const account = dovecot.account('alice');
  const client = await account.client();
  for (const subject of ['going', 'marked by its user', 'staying'])
    await client.append('INBOX', `Subject: ${subject}\n\n`);
  await client.flag('INBOX', [2], { add: ['\\Deleted'] });
  const proxy = await countingProxy(dovecot.port, ['UIDPLUS']);
  t.after(() => proxy.close());
  const credentials = { user: account.name, password: 'any' };
  const way = { kind: 'network', host: '127.0.0.1', port: proxy.port, tls: 'none', credentials } as const;
  const kept = createMemorySpoolAndTrash();
  const access = { name: 'imap://alice', way };
  const store = openImapStore({ access, stateDirectory: scratch(t), now: Date.now, ...kept });
  const [going] = (await scanOf({ ...store, ...kept }, 'INBOX')).messages.map(({ ref }) => ref).sort();
  assert.ok(going !== undefined);
  const guids: string[] = [];
  for await (const answer of store.digest('INBOX', [going])) if ('guid' in answer) guids.push(answer.guid);
  const [guid = ''] = guids;
  const change = { ...{ setFlags: [], deliver: [], renumber: [] }, expected: null, uidValidity: 1, uidNext: 4 };
  const { outcome, troubles } = await store.change('INBOX', { ...change, expunge: [{ ref: going, guid }] });
  assert.equal(outcome, 'done');
  assert.deepEqual(
    troubles.map(({ subject, failure }) => [subject, /is marked as deleted there/.test(failure.message)]),
    [[going, true]],
  );
  assert.deepEqual([...(await kept.trash.guids())], [guid]);
  await store.close();
  const { messages } = await client.look('INBOX');
  assert.deepEqual(
    messages.map(({ flags }) => flags),
    [['\\Deleted'], ['\\Deleted'], []],
  );
});
