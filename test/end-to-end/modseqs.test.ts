import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { flagsOn, makeCachingClient } from '../dovecot/caching-client.js';
import { type Dovecot, startDovecot } from '../dovecot/dovecot.js';
import type { MailClient } from '../dovecot/mail-client.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { letter, scratch } from './site.js';

// A mail program that notes modseqs, and goes from one host's server to another's, has to hear of every difference.

type ServedHost = Host & {
  readonly client: MailClient;
  readonly server: { readonly port: number; readonly user: string };
};

function letterOverImap(word: string): string {
  return letter(word).replaceAll('\n', '\r\n');
}

describe('a mail program that asks only for changes', () => {
  let servers: readonly Dovecot[] = [];
  let scenes = 0;

  before(async () => {
    servers = await Promise.all([startDovecot(), startDovecot({ layout: 'fs' }), startDovecot()]);
  });
  after(async () => {
    for (const server of servers) await server.stop();
  });

  /** Hosts with a Dovecot each, whose doveadm they may run. */
  async function makeScene(
    t: { after(clean: () => void): void },
    count: number,
  ): Promise<{ hosts: readonly ServedHost[]; stick: string }> {
    scenes++;
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const hosts: ServedHost[] = [];
    for (const [n, server] of servers.slice(0, count).entries()) {
      const name = ['home', 'cabin', 'boat'][n] ?? '';
      const account = server.account(`user${scenes}`);
      const client = await account.client();
      await client.look('INBOX'); // which makes the Maildir
      const env = { MREPL_DOVEADM: server.user.command(['doveadm']).join(' ') };
      const host = makeHost({ name, home: join(directory, name), store: account.store, env });
      hosts.push({ ...host, client, server: { port: server.port, user: account.name } });
    }
    for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
    await pairAll(hosts);
    return { hosts, stick };
  }

  async function deliver({ client }: ServedHost, ...words: readonly string[]): Promise<void> {
    for (const word of words) await client.append('INBOX', letterOverImap(word));
  }

  async function exchange(hosts: readonly ServedHost[], stick: string): Promise<void> {
    for (const host of [...hosts, ...hosts.slice(0, -1)]) await host.mrepl('sync', stick);
  }

  /** The mailboxes that a client sees which logs in now. */
  async function freshLook({ server }: ServedHost): Promise<string[]> {
    const client = await servers[1]?.account(server.user).client();
    const mailboxes = await client?.mailboxes();
    await client?.close();
    return mailboxes ?? [];
  }

  /** Brings the cache up to date from this host, and compares it with all that is there. */
  async function assertUpToDate(client: ReturnType<typeof makeCachingClient>, host: ServedHost): Promise<void> {
    await client.catchUp(host.server, 'INBOX');
    assert.deepEqual(client.flags(), await flagsOn(host.server, 'INBOX'), `at ${host.name}`);
  }

  /** Sets flags one after the other, and clears each at once or none: its server's modseqs run ahead. */
  async function flagOften({ client }: ServedHost, { clear }: { readonly clear: boolean }): Promise<void> {
    for (const flag of ['\\Flagged', 'work', '\\Answered', '\\Draft', 'later']) {
      await client.flag('INBOX', [1], { add: [flag] });
      if (clear) await client.flag('INBOX', [1], { remove: [flag] });
    }
  }

  test('hears at the other host of flags that were set there before the peer knew of them', async (t) => {
    const { hosts, stick } = await makeScene(t, 2);
    const [home, cabin] = hosts as [ServedHost, ServedHost];
    await deliver(home, 'one', 'two', 'three');
    await exchange(hosts, stick);
    await flagOften(home, { clear: true });
    await cabin.client.flag('INBOX', [2], { add: ['\\Flagged'] });
    const client = makeCachingClient();
    await assertUpToDate(client, home);
    await exchange([home, cabin], stick);
    await assertUpToDate(client, cabin);
    await assertUpToDate(client, home);
  });

  for (const [what, change] of [
    ['flags that were set there', (client) => client.flag('INBOX', [2], { add: ['\\Flagged'] })],
    ['what was expunged there', (client) => client.expunge('INBOX', [2])],
  ] as const satisfies readonly (readonly [string, (client: MailClient) => Promise<void>])[]) {
    test(`hears at the other host of ${what}, though the peer knew of it by the time of its bundle`, async (t) => {
      const { hosts, stick } = await makeScene(t, 2);
      const [home, cabin] = hosts as [ServedHost, ServedHost];
      await deliver(home, 'one', 'two', 'three');
      await exchange(hosts, stick);
      await flagOften(home, { clear: true });
      await change(cabin.client);
      await cabin.mrepl('sync', stick);
      const client = makeCachingClient();
      await assertUpToDate(client, home);
      await home.mrepl('sync', stick);
      await cabin.mrepl('sync', stick);
      await assertUpToDate(client, cabin);
      for (let rounds = 0; rounds < 2; rounds++) await exchange(hosts, stick);
      assert.match(await cabin.mrepl('sync', stick), /nothing new/);
    });
  }

  test('hears of what was expunged there before the peer knew of it', async (t) => {
    const { hosts, stick } = await makeScene(t, 2);
    const [home, cabin] = hosts as [ServedHost, ServedHost];
    await deliver(home, 'one', 'two', 'three');
    await exchange(hosts, stick);
    await flagOften(home, { clear: false });
    await cabin.client.expunge('INBOX', [2]);
    const client = makeCachingClient();
    await assertUpToDate(client, home);
    await home.mrepl('sync', stick);
    await cabin.mrepl('sync', stick);
    await assertUpToDate(client, cabin);
  });

  for (const [what, deliverAgain] of [
    ['came from there', ({ cabin }) => cabin.append('INBOX', letterOverImap('again'))],
    ['was delivered here', ({ home }) => home.append('INBOX', letterOverImap('again'))],
  ] as const satisfies readonly (readonly [
    string,
    (clients: { readonly home: MailClient; readonly cabin: MailClient }) => Promise<unknown>,
  ])[]) {
    test(`hears at the other host that the only message of a mailbox was expunged there, once mail ${what}`, async (t) => {
      const { hosts, stick } = await makeScene(t, 2);
      const [home, cabin] = hosts as [ServedHost, ServedHost];
      await home.client.create('Work');
      await home.client.append('Work', letterOverImap('work'));
      await deliver(home, 'one');
      await exchange(hosts, stick);
      await flagOften(cabin, { clear: false });
      const client = makeCachingClient();
      await assertUpToDate(client, cabin);
      await home.client.expunge('INBOX', [1]);
      for (let rounds = 0; rounds < 3; rounds++) await exchange([cabin, home], stick);
      assert.match(await home.mrepl('sync', stick), /nothing new/);
      await deliverAgain({ home: home.client, cabin: cabin.client });
      await exchange([cabin, home], stick);
      await assertUpToDate(client, home);
      for (let rounds = 0; rounds < 2; rounds++) await exchange(hosts, stick);
      assert.match(await home.mrepl('sync', stick), /nothing new/);
    });
  }

  test('is told no end of changes where both hosts expunged the only message of a mailbox', async (t) => {
    const { hosts, stick } = await makeScene(t, 2);
    const [home] = hosts as [ServedHost, ServedHost];
    await home.client.create('Work');
    await home.client.append('Work', letterOverImap('work'));
    await deliver(home, 'one');
    await exchange(hosts, stick);
    for (const { client } of hosts) await client.expunge('INBOX', [1]);
    for (let rounds = 0; rounds < 3; rounds++) await exchange(hosts, stick);
    for (const host of hosts) assert.match(await host.mrepl('sync', stick), /nothing new/);
  });

  test('hears of everything, whichever of three hosts it comes from and goes to', async (t) => {
    const { hosts, stick } = await makeScene(t, 3);
    let seed = 20_261_130;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return (seed >>> 16) % below;
    };
    await deliver(hosts[0] as ServedHost, 'one', 'two', 'three', 'four', 'five', 'six');
    await exchange(hosts, stick);
    const flags = ['\\Flagged', '\\Seen', '\\Answered', 'work', 'later'];
    for (let round = 0; round < 4; round++) {
      for (const host of hosts) {
        for (let deed = random(4); deed > 0; deed--) {
          const uids = Object.keys(await flagsOn(host.server, 'INBOX')).map(Number);
          const uid = uids[random(uids.length)];
          const flag = flags[random(flags.length)] ?? '';
          const kind = random(6);
          if (uid === undefined || kind === 0) await deliver(host, `round ${round} ${host.name} ${deed}`);
          else if (kind === 1) await host.client.expunge('INBOX', [uid]);
          else await host.client.flag('INBOX', [uid], random(2) === 0 ? { add: [flag] } : { remove: [flag] });
        }
      }
      const visits = hosts.flatMap((from) => hosts.map((to) => ({ from, to, client: makeCachingClient() })));
      for (const { from, client } of visits) await client.catchUp(from.server, 'INBOX');
      await exchange(round % 2 === 0 ? hosts : [...hosts].reverse(), stick);
      for (const { to, client } of visits) await assertUpToDate(client, to);
    }
  });

  test('is shown a mailbox that was made inside a directory which the server took for none', async (t) => {
    const { hosts, stick } = await makeScene(t, 2);
    const [home, cabin] = hosts as [ServedHost, ServedHost];
    await cabin.client.create('Lists/a');
    await cabin.client.mailboxes();
    await home.client.create('Lists');
    await home.client.append('Lists', letterOverImap('in Lists'));
    await exchange(hosts, stick);
    const mailboxes = await freshLook(cabin);
    assert.ok(mailboxes.includes('Lists'), mailboxes.join());
  });

  test('is not shown a mailbox any more that a peer deleted while one below it stays', async (t) => {
    const { hosts, stick } = await makeScene(t, 2);
    const [home, cabin] = hosts as [ServedHost, ServedHost];
    for (const mailbox of ['Work', 'Work/Sub']) {
      await home.client.create(mailbox);
      await home.client.append(mailbox, letterOverImap(`in ${mailbox}`));
    }
    await exchange(hosts, stick);
    assert.ok((await freshLook(cabin)).includes('Work'));
    await home.client.remove('Work');
    await exchange(hosts, stick);
    assert.deepEqual(
      (await freshLook(cabin)).filter((name) => name.startsWith('Work')),
      ['Work/Sub'],
    );
  });
});
