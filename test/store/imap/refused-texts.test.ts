import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { refusedTexts } from '../../../src/store/imap/apply/refused-texts.js';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, startDovecot } from '../../dovecot/dovecot.js';
import { scratch } from '../../end-to-end/site.js';
import { scanOf, spooled } from '../store-under-test.js';
import { countingProxy } from './counting-proxy.js';

const day = 86_400_000;

describe('what a server refused', () => {
  test('is remembered from run to run, for 30 days', (t) => {
    const directory = scratch(t);
    let nowMs = 1_800_000_000_000;
    const open = () => refusedTexts(directory, () => nowMs);
    open().note('INBOX', 'a'.repeat(64), 'too large');
    assert.equal(open().reason('INBOX', 'a'.repeat(64)), 'too large');
    assert.equal(open().reason('Work', 'a'.repeat(64)), null);
    nowMs += 30 * day - 1000;
    assert.equal(open().reason('INBOX', 'a'.repeat(64)), 'too large');
    nowMs += 1000;
    assert.equal(open().reason('INBOX', 'a'.repeat(64)), null);
  });

  test('is asked for again where the clock was put back', (t) => {
    const directory = scratch(t);
    let nowMs = 1_800_000_000_000;
    const refused = refusedTexts(directory, () => nowMs);
    refused.note('INBOX', 'a'.repeat(64), 'too large');
    nowMs -= day;
    assert.equal(refused.reason('INBOX', 'a'.repeat(64)), null);
  });

  test('is kept for its owner alone, and up to a limit, the newest of it', (t) => {
    const directory = join(scratch(t), 'store');
    const refused = refusedTexts(directory, () => 1_800_000_000_000);
    const entries = Array.from({ length: 10_000 }, (_, n) => [String(n), { atS: 1_800_000_000, reason: 'old' }]);
    mkdirSync(directory);
    writeFileSync(join(directory, 'refused.json'), JSON.stringify(entries));
    refused.note('INBOX', 'b'.repeat(64), 'new');
    const path = join(directory, 'refused.json');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const kept: readonly [string, unknown][] = JSON.parse(readFileSync(path, 'utf8'));
    assert.deepEqual([kept.length, kept[0]?.[0]], [10_000, '1']);
  });

  for (const garbage of ['', '{', '{}', '[1,[2],["x",{"atS":"1"}]]']) {
    test(`is forgotten where the file holds ${JSON.stringify(garbage)}`, (t) => {
      const directory = scratch(t);
      writeFileSync(join(directory, 'refused.json'), garbage);
      const refused = refusedTexts(directory, () => 1_800_000_000_000);
      assert.equal(refused.reason('INBOX', 'a'.repeat(64)), null);
    });
  }
});

describe('a text that the server alters', () => {
  let dovecot: Dovecot;
  before(async () => {
    dovecot = await startDovecot();
  });
  after(() => dovecot.stop());

  test('is sent once, is not left there, and is told of each time', async (t) => {
    const directory = scratch(t);
    const account = dovecot.account('alice');
    const proxy = await countingProxy(dovecot.port);
    t.after(() => proxy.close());
    const credentials = { user: account.name, password: 'any' };
    const way = { kind: 'network', host: '127.0.0.1', port: proxy.port, tls: 'none', credentials } as const;
    const kept = createMemorySpoolAndTrash();
    const run = async (): Promise<{ readonly appends: number; readonly troubles: readonly string[] }> => {
      const access = { name: 'imap://alice', way };
      const store = openImapStore({ access, stateDirectory: directory, now: Date.now, ...kept });
      const delivery = await spooled({ ...store, ...kept }, 'Subject: a\n\nNUL: \0\n');
      const change = { ...{ setFlags: [], expunge: [], renumber: [] }, expected: null, uidValidity: 1, uidNext: 2 };
      const { troubles } = await store.change('INBOX', { ...change, deliver: [delivery] });
      assert.deepEqual((await scanOf({ ...store, ...kept }, 'INBOX')).messages, []);
      await store.close();
      const appends = proxy.heard().match(/ APPEND /g)?.length ?? 0;
      return { appends, troubles: troubles.map(({ failure }) => failure.message) };
    };
    const first = await run();
    const second = await run();
    assert.deepEqual([first.appends, second.appends], [1, 0]);
    assert.match(first.troubles.join(), /alters the text of a message/);
    assert.deepEqual(second.troubles, first.troubles);
  });
});
