import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { containerOf } from '../../src/mail/packed/container-kinds.js';
import { comparable } from '../dovecot/comparable.js';
import type { MailboxView } from '../dovecot/mail-client.js';
import { type Packing, savePacked } from '../dovecot/packing.js';
import { initServed, type ServedHost, type ServedHosts, servedPair } from '../dovecot/served-pair.js';
import { pairAll } from '../host.js';
import { letter, makeSite } from './site.js';

// Dovecot with its plugin for packed mail: on one host, on both, switched on later.

describe('beside a Dovecot that packs mail', () => {
  const servers = servedPair();

  async function makeScene(
    t: { after(clean: () => void): void },
    { home: atHome, cabin: atCabin }: { readonly home: Packing; readonly cabin: Packing | null },
  ): Promise<ServedHosts> {
    await Promise.all([savePacked(servers.home, atHome), savePacked(servers.cabin, atCabin)]);
    const hosts = await servers.makeHosts(t);
    await initServed(hosts);
    return hosts;
  }

  async function exchange({ home, cabin, stick }: ServedHosts): Promise<void> {
    for (const host of [home, cabin, home]) await host.mrepl('sync', stick);
  }

  async function look({ account }: ServedHost): Promise<Record<string, MailboxView>> {
    const client = await account.client();
    const views = await client.lookAtAll();
    await client.close();
    return views;
  }

  /** What clients see is the same, every text is whole, and neither server has anything to complain about. */
  async function assertSame({ home, cabin }: ServedHosts): Promise<Record<string, MailboxView>> {
    const [atHome, atCabin] = [await look(home), await look(cabin)];
    assert.deepEqual(comparable(atCabin), comparable(atHome));
    for (const view of Object.values(atHome)) {
      for (const { size, text } of view.messages) assert.equal(text.length, size, 'RFC822.SIZE is that of the text');
    }
    const isTrouble = (line: string): boolean => !/Warning: Mail(?:dir|box) .*UIDVALIDITY changed/.test(line);
    const said = [servers.home, servers.cabin].flatMap((server) => server.troubles().filter(isTrouble));
    assert.deepEqual(said, []);
    for (const host of [home, cabin]) assert.match(await host.mrepl('doctor', '--deep'), /all is sound/);
    return atHome;
  }

  for (const [packing, container] of [
    ['gz', 'gzip'],
    ['zstd', 'zstd'],
  ] as const) {
    test(`${packing} on one host: the other has every text plain, also of copies, and after changes on both`, async (t) => {
      const scene = await makeScene(t, { home: packing, cabin: null });
      const { home, cabin } = scene;
      for (const number of [1, 2, 3]) await home.account.deliver(long(number));
      assert.deepEqual(containersIn(home), [container, container, container]);
      await exchange(scene);
      const views = await assertSame(scene);
      assert.equal(views.INBOX?.messages[1]?.text, crlf(long(2)));
      assert.deepEqual(containersIn(cabin), [null, null, null]);

      const client = await home.account.client();
      await client.create('Copies');
      await client.copy('INBOX', [1, 2], 'Copies');
      await client.move('INBOX', [3], 'Copies');
      const other = await cabin.account.client();
      await other.flag('INBOX', [1], { add: ['\\Flagged'] });
      await cabin.account.deliver(long(4));
      await exchange(scene);
      const after = await assertSame(scene);
      assert.equal(after.Copies?.messages.length, 3);
      assert.equal(after.INBOX?.messages.length, 3);
      assertTrueSizes([home, cabin]);
    });
  }

  test('on both hosts, seen by mrepl before any server has listed it: what arrives is served whole', async (t) => {
    const scene = await makeScene(t, { home: 'gz', cabin: 'zstd' });
    const { home, cabin } = scene;
    for (const number of [1, 2]) await home.account.deliver(long(number));
    await cabin.account.deliver(long(3));
    // As other delivery agents name files, and a name whose sizes are those of the packed file.
    for (const [name, number] of [
      ['1700000001.M1P1.home', 5],
      [`1700000002.M1P1.home,S=${gzipSync(long(6)).length},W=${gzipSync(long(6)).length}`, 6],
    ] as const) {
      writeFileSync(join(home.account.maildir, 'new', name), gzipSync(long(number)));
      home.server.user.own(home.account.maildir);
    }
    await exchange(scene);
    assertTrueSizes([cabin]);
    const views = await look(cabin);
    assert.deepEqual(
      views.INBOX?.messages.map(({ text }) => text).sort(),
      [1, 2, 3, 5, 6].map((number) => crlf(long(number))).sort(),
    );
    // The delivery noted a UIDVALIDITY in an index that no client was shown; that of home is the lower one where a second has passed between.
    assert.deepEqual(
      cabin.server.troubles().filter((line) => !line.includes('UIDVALIDITY changed')),
      [],
    );
  });

  test('switched on later, and what was there packed in place by another program: nothing changes', async (t) => {
    const scene = await makeScene(t, { home: 'plugin', cabin: 'plugin' });
    const { home, cabin, stick } = scene;
    for (const number of [1, 2, 3, 4]) await home.account.deliver(long(number));
    await exchange(scene);
    const before = await assertSame(scene);
    const [gz, zstd, later, replaced] = filesOf(home);
    assert.ok(gz !== undefined && zstd !== undefined && later !== undefined && replaced !== undefined);
    packInPlace(gz, (text) => gzipSync(text));
    packInPlace(zstd, (text) => execFileSync('zstd', ['-c', '-q'], { input: text }));
    // As Dovecot's own documentation does it: a new file, the old date, the name with a letter more.
    const [name = '', flags = ''] = basename(replaced).split(':2,');
    packInPlace(replaced, (text) => gzipSync(text));
    renameSync(replaced, join(dirname(replaced).replace(/new$/, 'cur'), `${name}:2,${flags}Z`));
    home.server.user.own(home.account.maildir);
    assert.match(await home.mrepl('sync', stick), /nothing new/);
    await savePacked(servers.home, 'gz');
    await exchange(scene);
    const after = await assertSame(scene);
    assert.deepEqual(comparable(after), comparable(before));
    // And what is packed by now still goes to whoever has nothing yet, and comes back from the trash.
    const client = await cabin.account.client();
    await client.expunge('INBOX', [1, 2, 3, 4]);
    for (const host of [cabin, home, cabin]) await host.mrepl('sync', stick, '--allow-expunge');
    assert.equal((await assertSame(scene)).INBOX?.messages.length, 0);
    await home.mrepl('restore', '--all');
    await exchange(scene);
    const restored = await assertSame(scene);
    assert.deepEqual(
      restored.INBOX?.messages.map(({ text }) => text).sort(),
      [1, 2, 3, 4].map((number) => crlf(long(number))).sort(),
    );
    assert.deepEqual(containersIn(home), [null, null, null, null]);
  });

  test('through a host without any server', async (t) => {
    const scene = await makeScene(t, { home: 'zstd', cabin: 'gz' });
    const { home, cabin, stick } = scene;
    const boat = makeSite(dirname(home.home), 'boat');
    await boat.mrepl('init', boat.store, '--name', 'boat');
    await pairAll([home, cabin, boat]);
    for (const number of [1, 2]) await home.account.deliver(long(number));
    for (const host of [home, boat, cabin, boat, home]) await host.mrepl('sync', stick);
    const views = await assertSame(scene);
    assert.deepEqual(
      views.INBOX?.messages.map(({ text }) => text),
      [1, 2].map((number) => crlf(long(number))),
    );
    assert.equal(boat.count('Subject: long'), 2);
  });

  test('bzip2 is not taken: said in one sentence, and nothing else is in its way', async (t) => {
    const scene = await makeScene(t, { home: 'bz2', cabin: null });
    const { home, cabin, stick } = scene;
    for (const number of [1, 2]) await home.account.deliver(long(number));
    await savePacked(servers.home, 'gz');
    await home.account.deliver(long(3));
    const { status, err } = await home.run('sync', stick);
    assert.equal(status, 3);
    assert.equal(err.match(/^mrepl:/gm)?.length, 1, err);
    assert.match(err, /2 message files in INBOX are not taken: compressed with bzip2/);
    await cabin.mrepl('sync', stick);
    assert.equal((await home.run('sync', stick)).status, 3);
    const views = await look(cabin);
    assert.deepEqual(
      views.INBOX?.messages.map(({ text }) => text),
      [crlf(long(3))],
    );
    const atHome = await look(home);
    assert.equal(atHome.INBOX?.messages.length, 3);
    // Rewritten plain, they go.
    for (const file of filesOf(home).filter((path) => containerOf(readFileSync(path)) === 'bzip2')) {
      packInPlace(file, (packed) => execFileSync('bzip2', ['-dc'], { input: packed }));
    }
    home.server.user.own(home.account.maildir);
    await exchange(scene);
    assert.equal((await assertSame(scene)).INBOX?.messages.length, 3);
  });
});

/** Long enough that packing makes it much smaller. */
function long(number: number): string {
  return letter(`long ${number}`, `Line of ${number}.\n`.repeat(200));
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/** Every message file of the INBOX, by name. */
function filesOf({ account: { maildir } }: ServedHost): string[] {
  return ['cur', 'new']
    .flatMap((part) => readdirSync(join(maildir, part)).map((name) => join(maildir, part, name)))
    .filter((path) => !basename(path).startsWith('.'))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}

function containersIn(host: ServedHost): (string | null)[] {
  return filesOf(host).map((file) => containerOf(readFileSync(file)));
}

/** Another file of the same name and date. */
function packInPlace(file: string, pack: (text: Buffer) => Uint8Array): void {
  const { atime, mtime } = statSync(file);
  const temporary = join(dirname(file), '..', 'tmp', basename(file));
  writeFileSync(temporary, pack(readFileSync(file)));
  utimesSync(temporary, atime, mtime);
  renameSync(temporary, file);
}

/** No name says sizes that are not those of the text. */
function assertTrueSizes(hosts: readonly ServedHost[]): void {
  for (const host of hosts) {
    for (const entry of readdirSync(host.account.maildir, { recursive: true, withFileTypes: true })) {
      const [, size, wire] = /,S=(\d+)(?:,W=(\d+))?/.exec(entry.name) ?? [];
      if (!entry.isFile() || size === undefined) continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      const isGzip = containerOf(bytes) === 'gzip';
      const isPlain = containerOf(bytes) === null;
      const text = isPlain ? bytes : execFileSync(isGzip ? 'gzip' : 'zstd', ['-dc'], { input: bytes });
      assert.equal(Number(size), text.length, `${host.name}: ${entry.name}`);
      const lines = text.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
      if (wire !== undefined) assert.equal(Number(wire), lines.length, `${host.name}: ${entry.name}`);
    }
  }
}
