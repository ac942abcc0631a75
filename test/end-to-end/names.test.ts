import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Dovecot, type DovecotAccount, isBefore24, startDovecot } from '../dovecot/dovecot.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, scratch } from './site.js';

// Mailboxes whose names one host's store has no room for: they travel on under their true names, and mail programs can use them everywhere.

const names = ['lists.debian', 'lists.debian/a.b', 'Projekte/Büro 1.2', 'a\\2eb', 'x'.repeat(250)];

/** As directories within directories spell it. */
const spelled = (mailbox: string): string => mailbox.replace('ü', '&APw-');

type DovecotHost = Host & { readonly account: DovecotAccount };

/** The lines of a Dovecot's configuration with which names hold what separates them. From 2.4 on that needs no plugin. */
async function escapingLines(): Promise<string> {
  return (await isBefore24()) ? 'mail_plugins = listescape\n' : 'mailbox_list_storage_escape_char = "\\\\"\n';
}

describe('mailboxes whose names a store has no room for, beside Dovecot', () => {
  let withDirectories: Dovecot;
  let withDots: Dovecot;
  let withPlugin: Dovecot;

  before(async () => {
    [withDirectories, withDots, withPlugin] = await Promise.all([
      startDovecot({ layout: 'fs' }),
      startDovecot(),
      startDovecot({ extra: await escapingLines() }),
    ]);
  });
  after(async () => {
    await Promise.all([withDirectories, withDots, withPlugin].map((server) => server.stop()));
  });

  const hostOn = async (server: Dovecot, { name, directory }: { name: string; directory: string }) => {
    const account = server.account(`${name}-${directory.slice(-6).toLowerCase()}`);
    await (await account.client()).look('INBOX'); // which makes the Maildir
    return { ...makeHost({ name, home: join(directory, name), store: account.store }), account };
  };

  const initAll = async (...hosts: readonly Host[]): Promise<void> => {
    for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
    await pairAll(hosts);
  };

  const mailboxesOf = async ({ account }: DovecotHost): Promise<string[]> => {
    const client = await account.client();
    const found = await client.mailboxes();
    await client.close();
    return found.sort();
  };

  const subjects = async ({ account }: DovecotHost, mailbox: string): Promise<string[]> => {
    const client = await account.client();
    const { lines } = await client.lookAtLast(mailbox, 10);
    await client.close();
    return lines.map(({ subject }) => subject);
  };

  test('they pass through, are read and changed there, and arrive under their true names', async (t) => {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const home = makeSite(directory, 'home', { layout: 'fs' });
    const relay = await hostOn(withDots, { name: 'relay', directory });
    const cabin = makeSite(directory, 'cabin', { layout: 'fs' });
    for (const [index, mailbox] of names.entries()) {
      home.put(letter(`letter ${index}.`), { mailbox: spelled(mailbox), flags: 'S' });
    }
    await initAll(home, relay, cabin);
    await home.mrepl('sync', stick);
    for (const host of [relay, cabin]) await host.mrepl('sync', stick);
    assert.deepEqual(Object.keys(await viewReplica(relay)), ['INBOX', ...names].sort());
    for (const [index, mailbox] of names.entries()) {
      if (!mailbox.includes('\\')) assert.equal(cabin.count(`letter ${index}.`, spelled(mailbox)), 1, mailbox);
    }
    const here = await mailboxesOf(relay);
    const escaped = here.find((name) => /^lists.2edebian$/.test(name)) ?? '';
    assert.deepEqual(await subjects(relay, escaped), ['letter 0.']);
    const client = await relay.account.client();
    await client.flag(escaped, [1], { add: ['\\Flagged'] });
    await client.append(escaped, letter('from the relay.'));
    await client.create(`${escaped}/made here`);
    await client.append(`${escaped}/made here`, letter('in what was made.'));
    await client.close();
    for (const host of [relay, home]) await host.mrepl('sync', stick);
    assert.match(home.files('letter 0.', 'lists.debian')[0] ?? '', /:2,FS$/);
    assert.equal(home.count('from the relay.', 'lists.debian'), 1);
    assert.equal(home.count('in what was made.', 'lists.debian/made here'), 1);
    assert.deepEqual(withDots.troubles(), []);
  });

  test('one that is too long is found again without the catalog', async (t) => {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const home = await hostOn(withDirectories, { name: 'home', directory });
    const parts = Array.from({ length: 9 }, (_, index) => `${index} ${'x'.repeat(40)}`);
    const deep = parts.join('/');
    const writer = await home.account.client();
    await writer.create(deep);
    await writer.append(deep, letter('deep down.'));
    await writer.close();
    const relay = await hostOn(withDots, { name: 'relay', directory });
    await initAll(home, relay);
    for (const host of [home, relay]) await host.mrepl('sync', stick);
    const shown = (await mailboxesOf(relay)).filter((name) => name.startsWith('0 '));
    assert.equal(shown.length, 1);
    assert.deepEqual(await subjects(relay, shown[0] ?? ''), ['deep down.']);
    rmSync(join(relay.data, 'mrepl'), { recursive: true });
    await relay.mrepl('init', relay.store, '--name', 'again');
    assert.equal((await viewReplica(relay))[deep]?.messages.length, 1);
  });

  test('a mail program renames, empties and deletes one like any other', async (t) => {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const home = makeSite(directory, 'home', { layout: 'fs' });
    for (const name of ['one.two', 'three.four', 'x'.repeat(250)]) {
      home.put(letter(`of ${name.slice(0, 10)}.`), { mailbox: name });
    }
    const relay = await hostOn(withDots, { name: 'relay', directory });
    await initAll(home, relay);
    for (const host of [home, relay]) await host.mrepl('sync', stick);
    const [first, second] = (await mailboxesOf(relay)).filter((name) => name.includes('2e'));
    const client = await relay.account.client();
    await client.rename(first ?? '', 'Renamed');
    await client.remove(second ?? '');
    await client.close();
    for (const host of [relay, home]) await host.mrepl('sync', stick);
    const left = readdirSync(home.maildir).filter((name) => !['cur', 'new', 'tmp'].includes(name));
    assert.deepEqual(left.sort(), ['Renamed', 'x'.repeat(250)]);
    assert.equal(home.count('of one.two.', 'Renamed'), 1);
  });

  test('are escaped as a Dovecot with listescape does it, where one has done so before', async (t) => {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const home = makeSite(directory, 'home', { layout: 'fs' });
    const cabin = await hostOn(withPlugin, { name: 'cabin', directory });
    const client = await cabin.account.client();
    for (const name of ['by.dovecot', 'back\\slash']) {
      await client.create(name);
      await client.append(name, letter(`made by ${name}.`));
    }
    await client.close();
    for (const name of ['lists.debian', '~odd', 'x\\2ey']) home.put(letter(`of ${name}.`), { mailbox: name });
    await initAll(home, cabin);
    for (const host of [cabin, home, cabin]) await host.mrepl('sync', stick);
    assert.equal(home.count('made by by.dovecot.', 'by.dovecot'), 1);
    assert.equal(home.count('made by back', 'back\\slash'), 1);
    const known = ['INBOX', 'back\\slash', 'by.dovecot', 'lists.debian', 'x\\2ey', '~odd'];
    assert.deepEqual(await mailboxesOf(cabin), known);
    assert.deepEqual(await subjects(cabin, 'lists.debian'), ['of lists.debian.']);
    assert.deepEqual(withPlugin.troubles(), []);
  });
});
