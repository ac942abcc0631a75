import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Dovecot, type DovecotAccount, startDovecot } from '../dovecot/dovecot.js';
import type { MailClient } from '../dovecot/mail-client.js';
import { pairAll } from '../host.js';
import { type Fetcher, makeMbsync } from '../mbsync.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Mail that several hosts have fetched themselves: each program stamps a line of its own into each copy.

type Fed = Site & Fetcher;

describe('with mbsync on both hosts', () => {
  let server: Dovecot;
  let accounts = 0;
  before(async () => {
    server = await startDovecot();
  });
  after(() => server.stop());

  type Scene = {
    readonly far: MailClient;
    readonly account: DovecotAccount;
    readonly hosts: readonly Fed[];
    readonly stick: string;
  };

  /** A provider with so many letters, and hosts that have fetched them, each for itself, before they knew of one another. */
  async function makeScene(
    t: { after(clean: () => void): void },
    { letters = 5, names = ['home', 'cabin'] }: { readonly letters?: number; readonly names?: readonly string[] } = {},
  ): Promise<Scene> {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const account = server.account(`fed${accounts++}`);
    const far = await account.client();
    await far.create('Work');
    for (let n = 1; n <= letters; n++) await far.append('INBOX', letter(`note ${n}`));
    const hosts = names.map((name): Fed => {
      const site = makeSite(directory, name);
      return { ...site, ...makeMbsync(site, { server, account }) };
    });
    for (const host of hosts) await host.fetch();
    for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
    await pairAll(hosts);
    return { far, account, hosts, stick };
  }

  /** Everybody exchanges, and then everybody's mbsync does its work. */
  async function round({ hosts, stick }: Scene): Promise<void> {
    for (const host of [...hosts, ...hosts]) await host.mrepl('sync', stick);
    for (const host of hosts) await host.fetch();
  }

  async function counts({ far, hosts }: Scene, mailbox = 'INBOX'): Promise<readonly number[]> {
    const { messages } = await far.look(mailbox);
    return [messages.length, ...hosts.map((host) => host.count('Message-ID', mailbox))];
  }

  test('each message stays one, on the provider too, however often they exchange', async (t) => {
    const scene = await makeScene(t);
    const [home, cabin] = scene.hosts as [Fed, Fed];
    assert.notEqual(
      readFileSync(home.files('note 1')[0] ?? '', 'latin1'),
      readFileSync(cabin.files('note 1')[0] ?? '', 'latin1'),
      'mbsync stamps each copy',
    );
    for (let turn = 0; turn < 3; turn++) {
      await round(scene);
      assert.deepEqual(await counts(scene), [5, 5, 5]);
    }
  });

  test('mail that both fetched between two exchanges stays one, and flags go everywhere', async (t) => {
    const scene = await makeScene(t);
    const [home, cabin] = scene.hosts as [Fed, Fed];
    await round(scene);
    await scene.far.append('INBOX', letter('note 6'));
    for (const host of scene.hosts) await host.fetch();
    home.mark('note 6', { add: 'S' });
    cabin.mark('note 6', { add: 'F' });
    for (let turn = 0; turn < 2; turn++) await round(scene);
    assert.deepEqual(await counts(scene), [6, 6, 6]);
    const { messages } = await scene.far.look('INBOX');
    assert.deepEqual([...(messages.at(-1)?.flags ?? [])].filter((flag) => flag !== '\\Recent').sort(), [
      '\\Flagged',
      '\\Seen',
    ]);
    for (const host of scene.hosts) assert.match(host.files('note 6')[0] ?? '', /:2,FS$/);
  });

  test('mail that is moved on the provider is moved everywhere, and is there once', async (t) => {
    const scene = await makeScene(t);
    await round(scene);
    await scene.far.move('INBOX', [2], 'Work');
    for (let turn = 0; turn < 3; turn++) await round(scene);
    assert.deepEqual(await counts(scene), [4, 4, 4]);
    assert.deepEqual(await counts(scene, 'Work'), [1, 1, 1]);
  });

  test('three hosts of which one has no mbsync: it gets each message once', async (t) => {
    const scene = await makeScene(t);
    const plain = makeSite(scratch(t), 'plain');
    await plain.mrepl('init', plain.store, '--name', 'plain');
    await pairAll([...scene.hosts, plain]);
    for (let turn = 0; turn < 2; turn++) {
      await round(scene);
      await plain.mrepl('sync', scene.stick);
    }
    await round(scene);
    assert.deepEqual(await counts(scene), [5, 5, 5]);
    assert.equal(plain.count('Message-ID'), 5);
  });

  test('mail written on a third host is with the provider once, where each fetches again right after its exchange', async (t) => {
    const scene = await makeScene(t);
    const plain = makeSite(scratch(t), 'plain');
    await plain.mrepl('init', plain.store, '--name', 'plain');
    await pairAll([...scene.hosts, plain]);
    plain.deliver(letter('written'));
    for (let turn = 0; turn < 2; turn++) {
      await plain.mrepl('sync', scene.stick);
      for (const host of scene.hosts) {
        await host.fetch();
        await host.mrepl('sync', scene.stick);
        await host.fetch();
      }
    }
    await plain.mrepl('sync', scene.stick);
    assert.deepEqual(await counts(scene), [6, 6, 6]);
    assert.equal(plain.count('Message-ID'), 6);
  });
});

/** The letter as a program has fetched it. */
function stampedLetter(subject: string, stamp: string): string {
  return letter(subject).replace('\n\n', `\nX-TUID: ${stamp.padEnd(12, 'x')}\n\n`);
}

type Pair = { readonly home: Site; readonly cabin: Site; readonly stick: string };

async function makePair(
  t: { after(clean: () => void): void },
  fill: (pair: Omit<Pair, 'stick'>) => void,
): Promise<Pair> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const pair = { home: makeSite(directory, 'home'), cabin: makeSite(directory, 'cabin') };
  fill(pair);
  const hosts = [pair.home, pair.cabin];
  for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll(hosts);
  return { ...pair, stick };
}

async function exchange({ home, cabin, stick }: Pair, rounds = 2): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await home.mrepl('sync', stick);
    await cabin.mrepl('sync', stick);
  }
}

test('a copy without the line and one with it are one mail; each host keeps its own bytes', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(stampedLetter('both', 'home'));
    cabin.put(letter('both'));
  });
  await exchange(pair);
  assert.equal(pair.home.count('both'), 1);
  assert.equal(pair.cabin.count('both'), 1);
  assert.equal(readFileSync(pair.home.files('both')[0] ?? '', 'latin1'), stampedLetter('both', 'home'));
  assert.equal(readFileSync(pair.cabin.files('both')[0] ?? '', 'latin1'), letter('both'));
  assert.match(await pair.home.mrepl('sync', pair.stick), /nothing|no change/);
  for (const host of [pair.home, pair.cabin]) assert.match(await host.mrepl('doctor', '--deep'), /sound/);
});

test('two copies that one user wants stay two, and two that differ in the line alone as well', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(stampedLetter('twice', 'one'));
    home.put(stampedLetter('twice', 'two'));
    cabin.put(stampedLetter('twice', 'three'));
  });
  await exchange(pair);
  assert.deepEqual([pair.home.count('twice'), pair.cabin.count('twice')], [2, 2]);
});

/** The copy at home is damaged, found so, and asked for. */
async function damageAndMend(pair: Pair): Promise<void> {
  await exchange(pair);
  const [file = ''] = pair.home.files('both');
  writeFileSync(file, 'X'.repeat(20));
  await pair.home.run('doctor', '--deep');
  await pair.home.run('sync', pair.stick); // asks for it
  await pair.cabin.mrepl('sync', pair.stick);
  await exchange(pair);
}

test('a damaged copy is mended by that of another host, though it has another line, under its name', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(stampedLetter('both', 'home'));
    cabin.put(stampedLetter('both', 'cabin'));
  });
  await damageAndMend(pair);
  const mended = readFileSync(pair.home.files('both')[0] ?? '', 'latin1');
  assert.equal(mended.replace(/X-TUID: .*\n/, ''), letter('both'));
  assert.match(await pair.home.mrepl('doctor', '--deep'), /sound/);
  assert.deepEqual([pair.home.count(''), pair.cabin.count('')], [1, 1]);
});

test('a damaged copy is mended by one that is not as large, and its name says so', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    const text = stampedLetter('both', 'home');
    home.put(text, { base: `1700000000.M1P1.home,S=${text.length}` });
    cabin.put(letter('both'));
  });
  await damageAndMend(pair);
  const [now = '', ...more] = pair.home.files('');
  assert.deepEqual(more, []);
  assert.equal(readFileSync(now, 'latin1'), letter('both'));
  assert.ok(!now.includes(',S=') || now.includes(`,S=${letter('both').length}`), now);
  assert.match(await pair.home.mrepl('doctor', '--deep'), /sound/);
});

test('a line that somebody has taken out of a file, or put into it, makes no other message of it', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(stampedLetter('both', 'home'));
    cabin.put(stampedLetter('both', 'cabin'));
  });
  await exchange(pair);
  const [file = ''] = pair.home.files('both');
  writeFileSync(file, letter('both'));
  assert.match(await pair.home.mrepl('doctor', '--deep'), /sound/);
  await exchange(pair);
  assert.deepEqual([pair.home.count(''), pair.cabin.count('')], [1, 1]);
  assert.equal(readFileSync(pair.home.files('both')[0] ?? '', 'latin1'), letter('both'));
});

test('what a peer expunged comes back from the trash as this host had it, and is not brought back twice', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(stampedLetter('both', 'home'));
    cabin.put(stampedLetter('both', 'cabin'));
    for (const host of [home, cabin]) for (const n of [1, 2, 3]) host.put(letter(`other ${n}`));
  });
  await exchange(pair);
  pair.cabin.expunge('both');
  await exchange(pair);
  assert.equal(pair.home.count('both'), 0);
  await pair.home.mrepl('restore', '--all');
  assert.equal(readFileSync(pair.home.files('both')[0] ?? '', 'latin1'), stampedLetter('both', 'home'));
  await pair.home.mrepl('restore', '--all');
  await exchange(pair);
  assert.deepEqual([pair.home.count('both'), pair.cabin.count('both')], [1, 1]);
});

test('where programs fetch mail on two hosts, each says so, once, and doctor always', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(letter('one'), { base: '1700000001.1_1.home,U=1' });
    cabin.put(letter('two'), { base: '1700000002_0.1.cabin,U=1,FMD5=7e33429f656f1e6e9d79b29c3f82c57e' });
  });
  const said: string[][] = [];
  for (let round = 0; round < 3; round++) {
    for (const host of [pair.home, pair.cabin]) {
      const { status, err } = await host.run('sync', pair.stick, '--quiet');
      assert.equal(status, 0, err);
      if (err !== '') said.push([host.name, err]);
    }
  }
  assert.deepEqual(
    said.map(([name]) => name),
    ['cabin', 'home'],
  );
  assert.match(
    said[0]?.[1] ?? '',
    /offlineimap fetches mail into this store, and mbsync into that of home: .*\nhint: .*mrepl-beside\(7\)/,
  );
  assert.match(said[1]?.[1] ?? '', /mbsync fetches mail into this store, and offlineimap into that of cabin: /);
  for (const host of [pair.home, pair.cabin]) {
    const { status, out } = await host.run('doctor');
    assert.equal(status, 0);
    assert.match(out, /^note: .* fetches mail into this store, and /m);
  }
});

test('what a dry run would say of that is said by the run itself, and as JSON', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    for (const [n, host] of [home, cabin].entries()) {
      host.put(letter(`of ${n}`), { base: `1700000001.M1P1Q1R000000000000000${n}.here` });
    }
  });
  await pair.home.mrepl('export', pair.stick);
  const fedIn = async (...args: string[]): Promise<unknown> =>
    (await pair.cabin.json(...args)).find(({ kind }) => kind === 'import')?.fed;
  const fed = await fedIn('import', pair.stick, '--dry-run');
  const { here, peers } = fed as { here: unknown; peers: { name: string; programs: string[] }[] };
  assert.deepEqual([here, peers.map(({ name, programs }) => [name, programs])], [['getmail'], [['home', ['getmail']]]]);
  assert.deepEqual(await fedIn('import', pair.stick), fed);
  await pair.home.mrepl('export', pair.stick, '--full');
  assert.equal(await fedIn('import', pair.stick), null);
});

test('one host that fetches, beside others that do not, is nothing to be said', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    home.put(letter('one'), { base: '1700000001.1_1.home,U=1' });
    cabin.put(letter('two'));
  });
  for (let round = 0; round < 2; round++) {
    for (const host of [pair.home, pair.cabin]) {
      assert.equal((await host.run('sync', pair.stick, '--quiet')).err, '');
    }
  }
  assert.doesNotMatch(await pair.cabin.mrepl('doctor'), /fetches mail/);
});

/** As getmail puts it down: with the time. */
function received(text: string, seconds: number): string {
  return `Received: from provider by here with POP3; Tue, 05 May 2026 10:00:${seconds} +0000\n${text}`;
}

function dated(subject: string, body?: string): string {
  return `Date: Tue, 05 May 2026 09:00:00 +0000\n${letter(subject, body)}`;
}

test('an import that brings many messages which are there in other bytes says so', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    for (let n = 10; n < 16; n++) {
      home.put(received(dated(`note ${n}`, `Text of ${n}.`), n));
      cabin.put(received(dated(`note ${n}`, `Text of ${n}.`), n + 10));
    }
    home.put(dated('of home alone'));
  });
  await pair.home.mrepl('sync', pair.stick);
  const { status, out, err } = await pair.cabin.run('sync', pair.stick);
  assert.equal(status, 0);
  assert.match(out, /7 new messages/);
  assert.match(
    err,
    /^mrepl: 6 new messages in INBOX have the body, the date and the Message-ID of mail that is there already/m,
  );
  assert.equal((await pair.cabin.run('sync', pair.stick)).err, '');
});

test('letters with one body, or with one Message-ID, are not taken for such', async (t) => {
  const pair = await makePair(t, ({ home, cabin }) => {
    for (let n = 10; n < 16; n++) {
      home.put(dated(`note ${n}`)); // of one body
      cabin.put(dated(`reply ${n}`));
      home.put(dated('one id', `Text of ${n}.`));
      cabin.put(dated('one id', `Text of cabin ${n}.`));
    }
  });
  await pair.home.mrepl('sync', pair.stick);
  assert.equal((await pair.cabin.run('sync', pair.stick)).err, '');
});
