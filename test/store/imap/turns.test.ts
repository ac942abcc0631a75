import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, type DovecotAccount, startDovecot } from '../../dovecot/dovecot.js';
import { changeNow, scanOf, spooled, type TestedStore } from '../store-under-test.js';
import { type CountingProxy, countingProxy } from './counting-proxy.js';

const mailboxes = 50;

let dovecot: Dovecot;
let account: DovecotAccount;

before(async () => {
  dovecot = await startDovecot();
  account = dovecot.account('alice');
  const client = await account.client();
  for (let number = 1; number < mailboxes; number++) await client.create(`box${number}`);
  await client.append('box7', 'Subject: a\n\n');
  await client.close();
});

after(() => dovecot.stop());

type Opened = { readonly store: TestedStore; readonly proxy: CountingProxy };

/** As a run of its own: a store that has not connected yet. */
async function withStore<T>(
  without: readonly string[],
  work: (opened: Opened) => Promise<T>,
  { name: user }: Pick<DovecotAccount, 'name'> = account,
): Promise<T> {
  const proxy = await countingProxy(dovecot.port, without);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'mrepl-imap-'));
  const credentials = { user, password: 'any' };
  const way = { kind: 'network', host: '127.0.0.1', port: proxy.port, tls: 'none', credentials } as const;
  const kept = createMemorySpoolAndTrash();
  const store = openImapStore({ access: { name: 'imap://alice', way }, stateDirectory, now: Date.now, ...kept });
  try {
    return await work({ store: { ...store, ...kept }, proxy });
  } finally {
    await store.close();
    proxy.close();
    rmSync(stateDirectory, { recursive: true });
  }
}

function assertAtMost(ceiling: number, turns: number): void {
  assert.ok(turns <= ceiling, `${turns} turns, where ${ceiling} are enough`);
}

type Prints = ReadonlyMap<string, string | null>;

/** Looks at all mailboxes, as every run begins. Gives what the next one knows, and those that were looked through. */
async function survey(store: TestedStore, known: Prints): Promise<{ prints: Prints; read: readonly string[] }> {
  const prints = new Map(known);
  const read: string[] = [];
  for (const { name } of (await store.list()).mailboxes) {
    const scan = await store.scan(name, { known: known.get(name) ?? null, assignUids: false });
    assert.ok(scan !== null, name);
    if (scan === 'unchanged') continue;
    prints.set(name, scan.fingerprint);
    read.push(name);
  }
  return { prints, read };
}

const firstLook = (): Promise<Prints> => withStore([], async ({ store }) => (await survey(store, new Map())).prints);

test('nothing to do in 50 mailboxes takes 5 turns, the login among them, and opens nothing', async () => {
  const known = await firstLook();
  await withStore([], async ({ store, proxy }) => {
    assert.deepEqual((await survey(store, known)).read, []);
    assert.doesNotMatch(proxy.heard(), / (?:EXAMINE|SELECT) /);
    assertAtMost(5, proxy.turns());
  });
});

test('a change of a flag in one of 50 mailboxes takes 6 turns', async () => {
  const known = await firstLook();
  const client = await account.client();
  await client.flag('box7', [1], { add: ['\\Flagged'] });
  await client.close();
  await withStore([], async ({ store, proxy }) => {
    assert.deepEqual((await survey(store, known)).read, ['box7']);
    assertAtMost(6, proxy.turns());
  });
});

test('a delivery of 100 messages and the look behind it take 8 turns with the login', async () => {
  await withStore([], async ({ store, proxy }) => {
    const deliver = [];
    for (let number = 0; number < 100; number++) deliver.push(await spooled(store, `Subject: ${number}\n\n`));
    const change = { ...{ setFlags: [], expunge: [], renumber: [] }, expected: null, uidValidity: 1, uidNext: 101 };
    const { outcome, given } = await store.change('INBOX', { ...change, deliver });
    assert.equal(outcome, 'done');
    assert.equal(given.size, 100);
    assert.equal((await scanOf(store, 'INBOX')).messages.length, 100);
    assertAtMost(8, proxy.turns());
  });
});

test('texts that are read one behind the other are fetched together, and one by itself alone', async () => {
  const other = dovecot.account('bob');
  const client = await other.client();
  for (let number = 1; number <= 120; number++) await client.append('INBOX', `Subject: ${number}\n\n`);
  await client.close();
  const read = (count: number): Promise<string> =>
    withStore(
      [],
      async ({ store, proxy }) => {
        const { messages } = await scanOf(store, 'INBOX');
        for (const { ref } of messages.slice(0, count)) {
          assert.match(Buffer.from(await store.readText('INBOX', ref)).toString(), /^Subject: \d+\n\n$/);
        }
        return (
          proxy
            .heard()
            .match(/UID FETCH \S+ [^\r]*BODY\.PEEK/g)
            ?.join('\n') ?? ''
        );
      },
      other,
    );
  assert.match(await read(1), /^UID FETCH 1 [^\n]*$/);
  assert.match(await read(120), /^UID FETCH 1 [^\n]*\nUID FETCH 2:101 [^\n]*\nUID FETCH 102:201 [^\n]*$/);
});

/** Servers that can less, made of one that can more. */
const lesser: Readonly<Record<string, { readonly without: readonly string[]; readonly turns: number }>> = {
  'LIST-STATUS': { without: ['LIST-STATUS'], turns: 6 },
  'LIST-EXTENDED': { without: ['LIST-EXTENDED', 'LIST-STATUS'], turns: 6 },
};

for (const [name, { without, turns }] of Object.entries(lesser)) {
  test(`without ${name}, nothing to do in 50 mailboxes takes ${turns} turns`, async () => {
    const known = await firstLook();
    await withStore(without, async ({ store, proxy }) => {
      assert.deepEqual((await survey(store, known)).read, []);
      assert.doesNotMatch(proxy.heard(), / (?:EXAMINE|SELECT) /);
      assertAtMost(turns, proxy.turns());
    });
  });
}

test('a server that tells no modification sequences is looked through each time', async () => {
  const known = await firstLook();
  await withStore(['CONDSTORE', 'QRESYNC'], async ({ store }) => {
    assert.equal((await survey(store, known)).read.length, mailboxes);
  });
});

test('what is listed counts for one look: the next sees what came since', async () => {
  const known = await firstLook();
  await withStore([], async ({ store }) => {
    await survey(store, known);
    await changeNow(store, 'box8', { deliver: [await spooled(store, 'Subject: later\n\n')] });
    const scan = await store.scan('box8', { known: known.get('box8') ?? null, assignUids: false });
    assert.ok(scan !== null && scan !== 'unchanged');
    assert.equal(scan.messages.length, 1);
  });
});
