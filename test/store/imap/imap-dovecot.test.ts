import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { openImapStore } from '../../../src/store/imap/imap-store.js';
import { createMemorySpoolAndTrash } from '../../../src/store/memory/memory-spool-and-trash.js';
import { type Dovecot, startDovecot } from '../../dovecot/dovecot.js';
import type { MailClient } from '../../dovecot/mail-client.js';
import { storeContract } from '../contract.js';
import type { StoreUnderTest } from '../store-under-test.js';
import { countingProxy } from './counting-proxy.js';

let dovecot: Dovecot;
let accounts = 0;

before(async () => {
  dovecot = await startDovecot();
});

after(async () => {
  assert.deepEqual(dovecot.troubles(), []);
  await dovecot.stop();
});

storeContract('IMAP account on Dovecot', () => openOnDovecot([]), { leftOut: ['packed', 'names'] });

// One server made into many that can less: mrepl has to do with what each has.
for (const without of [
  ['LIST-STATUS'],
  ['LIST-STATUS', 'LIST-EXTENDED'],
  ['MULTIAPPEND'],
  ['LITERAL+'],
  ['MULTIAPPEND', 'LITERAL+'],
  ['CONDSTORE', 'QRESYNC'],
  ['ESEARCH', 'SEARCHRES'],
  ['NAMESPACE'],
  ['SPECIAL-USE', 'MOVE', 'BINARY', 'CATENATE', 'NOTIFY', 'ID'],
  ['SASL-IR'],
]) {
  storeContract(`IMAP account on a server without ${without.join(', ')}`, () => openOnDovecot(without), {
    leftOut: ['packed', 'names'],
  });
}

async function openOnDovecot(without: readonly string[]): Promise<StoreUnderTest> {
  const account = dovecot.account(`account${++accounts}`);
  const proxy = without.length === 0 ? null : await countingProxy(dovecot.port, without);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'mrepl-imap-'));
  const credentials = { user: account.name, password: 'any' };
  const way = {
    kind: 'network',
    host: '127.0.0.1',
    port: proxy?.port ?? dovecot.port,
    tls: 'none',
    credentials,
  } as const;
  const access = { name: `imap://${account.name}@127.0.0.1`, way };
  const kept = createMemorySpoolAndTrash();
  const store = openImapStore({ access, stateDirectory, now: Date.now, ...kept });
  const client = await account.client();
  return {
    ...{ store: { ...store, ...kept }, givesUids: false, keepsKeywords: true, keepsParents: true },
    user: otherClient(client),
    settle() {},
    async close() {
      await store.close();
      await client.close();
      proxy?.close();
      rmSync(stateDirectory, { recursive: true });
    },
  };
}

/** Somebody else who uses the account by IMAP. */
function otherClient(client: MailClient): StoreUnderTest['user'] {
  const uidOf = (ref: string): number => Number(ref.split('.')[1]);
  const refOf = async (mailbox: string, uid: number): Promise<string> =>
    `${(await client.lookAtLast(mailbox, 1)).uidValidity}.${String(uid).padStart(10, '0')}`;
  return {
    async create(mailbox) {
      await client.create(mailbox);
      await client.subscribe(mailbox, false);
    },
    async deliver(mailbox, text, flags = [], receivedS = 1_000_000_000) {
      if (!(await client.mailboxes()).includes(mailbox)) await client.create(mailbox);
      return refOf(mailbox, await client.append(mailbox, text, { flags, date: new Date(receivedS * 1000) }));
    },
    async setFlags(mailbox, ref, flags) {
      const { messages } = await client.look(mailbox);
      const before = messages.find(({ uid }) => uid === uidOf(ref))?.flags ?? [];
      await client.flag(mailbox, [uidOf(ref)], { add: flags, remove: before.filter((flag) => !flags.includes(flag)) });
    },
    expunge: (mailbox, ref) => client.expunge(mailbox, [uidOf(ref)]),
  };
}
