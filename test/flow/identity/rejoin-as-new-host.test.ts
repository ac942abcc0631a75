import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { createCatalog, openCatalog } from '../../../src/catalog/open-catalog.js';
import { Failure } from '../../../src/failure.js';
import { type RejoinOptions, type RejoinReport, rejoin } from '../../../src/flow/identity/rejoin-as-new-host.js';
import type { Session } from '../../../src/flow/session/account-session.js';
import { syncWith } from '../../../src/flow/sync-with-directories.js';
import type { MailStore } from '../../../src/store/interface/mail-store.js';
import { createMemoryStore, type MemoryStore } from '../../../src/store/memory/memory-store.js';
import { adoptHostKeys, createHostKeys, readHostKeys } from '../../../src/trust/identity/host-key-file.js';
import { Crash, faultyStore } from '../../scenes/faulty-store.js';

const account = 'alice';
const oldId = 'a1'.repeat(16);
const newId = 'b2'.repeat(16);
const nowMs = 1_700_000_000_000;

type Scene = {
  readonly directory: string;
  readonly keysPath: string;
  readonly store: MemoryStore;
  open(wrapped?: { store?: MailStore; catalog?: (catalog: Catalog) => Catalog }): Promise<Session>;
};

/** One host that has exported its mail already. */
async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-rejoin-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'stick'));
  const path = join(directory, 'catalog.db');
  const keysPath = join(directory, 'keys');
  (await createCatalog(path, { hostId: oldId, hostName: 'home', account, store: 'memory' })).close();
  createHostKeys(keysPath, { account, hostId: oldId });
  const store = createMemoryStore({ firstUidValidity: 1000 });
  for (const n of [1, 2, 3]) store.user.deliver('INBOX', `Subject: ${n}\n\n`);
  store.user.deliver('Work', 'Subject: 4\n\n');
  const same = (catalog: Catalog): Catalog => catalog;
  const open: Scene['open'] = async ({ store: wrapped = store, catalog: wrap = same } = {}) => {
    const catalog = await openCatalog(path, { waitMs: 0 });
    adoptHostKeys(keysPath, catalog.identity);
    return {
      catalog: wrap(catalog),
      ...{ store: wrapped, spool: store.spool, trash: store.trash },
      keys: () => readHostKeys(keysPath, catalog.identity),
      keysPath,
      nowMs: () => nowMs,
      listener: () => undefined,
      signal: new AbortController().signal,
      close: async () => catalog.close(),
    };
  };
  const scene = { directory, keysPath, store, open };
  await sync(scene);
  return scene;
}

async function sync({ directory, open }: Scene): Promise<void> {
  const session = await open();
  const options = { full: false, texts: 'unseen', plain: true, mailboxes: [], allowExpunge: false } as const;
  const [report] = await syncWith(session, [join(directory, 'stick')], { ...options, dryRun: false });
  await session.close();
  assert.equal(report?.failure, null);
}

async function rejoinIn(
  { open }: Scene,
  options: Partial<RejoinOptions> = {},
  wrapped?: Parameters<Scene['open']>[0],
): Promise<RejoinReport> {
  const session = await open(wrapped);
  try {
    return await rejoin(session, {
      ...{ dryRun: false, newName: null, keepUids: false, allowEmpty: false },
      randomHostId: () => newId,
      accept: async () => true,
      ...options,
    });
  } finally {
    await session.close();
  }
}

/** Who the host is, once anything is run; its keys are those of whom it is. */
async function identityOf({ open }: Scene): Promise<string> {
  const session = await open();
  const { hostId } = session.keys();
  assert.equal(session.catalog.identity.hostId, hostId);
  await session.close();
  return hostId;
}

/** UIDVALIDITY and UIDs of every mailbox in the store. */
async function uidsIn({ store }: Scene): Promise<string[]> {
  const seen: string[] = [];
  for (const mailbox of ['INBOX', 'Work']) {
    const scan = await store.scan(mailbox, { known: null, assignUids: false });
    assert.ok(scan !== null && scan !== 'unchanged');
    seen.push(`${scan.uids?.uidValidity} ${scan.messages.map(({ uid }) => uid).join()}`);
  }
  return seen;
}

describe('a rejoin', () => {
  test('gives the host another id, other keys, and every mailbox another UIDVALIDITY', async (t) => {
    const scene = await makeScene(t);
    const before = await uidsIn(scene);
    const report = await rejoinIn(scene);
    assert.deepEqual([report.before.hostId, report.host.hostId, report.messages], [oldId, newId, 4]);
    assert.equal(await identityOf(scene), newId);
    assert.deepEqual(await uidsIn(scene), ['1700000000 1,2,3', '1700000000 1']);
    assert.notDeepEqual(await uidsIn(scene), before);
    assert.ok(readdirSync(scene.directory).includes('keys.old'));
    await sync(scene);
  });

  test('changes nothing after a no, and in a dry run', async (t) => {
    const scene = await makeScene(t);
    const before = await uidsIn(scene);
    const declined = await rejoinIn(scene, { accept: async () => false });
    assert.equal(declined.done, false);
    await rejoinIn(scene, { dryRun: true });
    assert.equal(await identityOf(scene), oldId);
    assert.deepEqual(await uidsIn(scene), before);
    assert.deepEqual(
      readdirSync(scene.directory).filter((name) => name.startsWith('keys')),
      ['keys'],
    );
  });

  test('keeps the UIDs where it is told that they hold', async (t) => {
    const scene = await makeScene(t);
    const before = await uidsIn(scene);
    await rejoinIn(scene, { keepUids: true });
    assert.deepEqual(await uidsIn(scene), before);
    assert.equal(await identityOf(scene), newId);
  });

  test('is refused where the store is empty and mail is remembered, until that is said to be right', async (t) => {
    const scene = await makeScene(t);
    for (const mailbox of ['INBOX', 'Work']) {
      for (const { ref } of scene.store.user.messages(mailbox)) scene.store.user.expunge(mailbox, ref);
    }
    await assert.rejects(rejoinIn(scene), (error) => error instanceof Failure && error.code === 'guard');
    assert.equal(await identityOf(scene), oldId);
    const { missing } = await rejoinIn(scene, { allowEmpty: true });
    assert.equal(missing, 4);
    assert.equal(await identityOf(scene), newId);
  });

  test('takes no name that another host has', async (t) => {
    const scene = await makeScene(t);
    await assert.rejects(rejoinIn(scene, { newName: 'home' }), /original goes on under/);
    await rejoinIn(scene, { newName: 'attic' });
    await assert.rejects(rejoinIn(scene, { newName: 'home', randomHostId: () => oldId }), /the name of a peer/);
  });
});

describe('a rejoin that dies', () => {
  const dying =
    (at: 'before' | 'after') =>
    (catalog: Catalog): Catalog => ({
      ...catalog,
      get identity() {
        return catalog.identity;
      },
      transaction<T>(work: () => T): T {
        const done = Promise.resolve(catalog.transaction(work, { keep: at === 'after' }));
        return done.then(() => Promise.reject(new Crash())) as T;
      },
    });

  test('before its one commit has changed nothing', async (t) => {
    const scene = await makeScene(t);
    const before = await uidsIn(scene);
    await assert.rejects(rejoinIn(scene, {}, { catalog: dying('before') }), Crash);
    assert.ok(readdirSync(scene.directory).includes('keys.new'));
    assert.equal(await identityOf(scene), oldId);
    await sync(scene);
    assert.deepEqual(await uidsIn(scene), before);
    await rejoinIn(scene); // and what the dead run left is in nobody's way
    assert.equal(await identityOf(scene), newId);
  });

  test('after it is finished by the next run, whatever that is', async (t) => {
    const scene = await makeScene(t);
    await assert.rejects(rejoinIn(scene, {}, { catalog: dying('after') }), Crash);
    assert.equal(await identityOf(scene), newId);
    await sync(scene);
    assert.deepEqual(await uidsIn(scene), ['1700000000 1,2,3', '1700000000 1']);
  });

  test('between the two renames of its keys still finds them', async (t) => {
    const scene = await makeScene(t);
    await assert.rejects(rejoinIn(scene, {}, { catalog: dying('after') }), Crash);
    renameSync(scene.keysPath, `${scene.keysPath}.old`);
    assert.equal(await identityOf(scene), newId);
  });

  for (const fault of ['crash before', 'half and gone', 'crash after'] as const) {
    test(`in the store (${fault}) goes on there`, async (t) => {
      const scene = await makeScene(t);
      const store = faultyStore(scene.store, (step) => (step === 'change' ? fault : 'none'));
      await assert.rejects(rejoinIn(scene, {}, { store }), Crash);
      await sync(scene);
      assert.equal(await identityOf(scene), newId);
      assert.deepEqual(await uidsIn(scene), ['1700000000 1,2,3', '1700000000 1']);
      await sync(scene);
      assert.deepEqual(await uidsIn(scene), ['1700000000 1,2,3', '1700000000 1']);
    });
  }
});
