import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Dovecot, isBefore24, startDovecot } from '../dovecot/dovecot.js';
import { makeHost, pairAll } from '../host.js';
import { letter, makeSite, scratch } from './site.js';

// Files that mail servers keep beside the mail, and that have to stay true when mrepl changes it.

/** The lines of its configuration for a quota of 100 MiB that is counted in `maildirsize`. Dovecot 2.4 renamed them. */
async function quotaLines(): Promise<string> {
  return (await isBefore24())
    ? 'mail_plugins = quota\nplugin {\n  quota = maildir:User quota\n  quota_rule = *:storage=100M\n}\n'
    : 'mail_plugins {\n  quota = yes\n}\nquota "User quota" {\n  driver = maildir\n  storage_size = 100M\n}\n';
}

describe('files of a Dovecot', () => {
  let server: Dovecot;
  before(async () => {
    server = await startDovecot({ extra: await quotaLines() });
  });
  after(() => server.stop());

  /** A host beside the server, and a plain one. */
  const makeScene = async (t: { after(clean: () => void): void }, user: string) => {
    const directory = scratch(t);
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    const account = server.account(user);
    await (await account.client()).look('INBOX'); // which makes the Maildir
    const home = { ...makeHost({ name: 'home', home: join(directory, 'home'), store: account.store }), account };
    const cabin = makeSite(directory, 'cabin');
    return { home, cabin, stick };
  };

  const initAll = async ({ home, cabin }: Awaited<ReturnType<typeof makeScene>>): Promise<void> => {
    for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
    await pairAll([home, cabin]);
  };

  test('the sizes of its quota follow what is delivered and expunged', async (t) => {
    const scene = await makeScene(t, 'quota');
    const { home, cabin, stick } = scene;
    const { account } = home;
    await account.deliver(letter('by the server.'));
    for (const number of [1, 2, 3]) cabin.put(letter(`letter ${number}.`, 'x'.repeat(1000 * number)));
    cabin.put(letter('elsewhere.'), { mailbox: 'Work', flags: 'S' });
    await initAll(scene);
    for (const host of [cabin, home]) await host.mrepl('sync', stick);
    const counted = async (): Promise<string[]> => {
      const lines = readFileSync(join(account.maildir, 'maildirsize'), 'utf8').split('\n').slice(1).filter(Boolean);
      const sum = (column: 0 | 1): number =>
        lines.reduce((total, line) => total + Number(line.split(' ')[column] ?? 0), 0);
      return [`${sum(0)} bytes`, `${sum(1)} messages`];
    };
    const recounted = async (): Promise<string[]> => {
      await server.doveadm('quota', 'recalc', '-u', account.name);
      return counted();
    };
    const afterDelivery = await counted();
    assert.equal(afterDelivery[1], '5 messages');
    assert.deepEqual(afterDelivery, await recounted());
    cabin.expunge('letter 2.');
    cabin.expunge('elsewhere.', 'Work');
    for (const host of [cabin, home]) await host.mrepl('sync', stick);
    const afterExpunge = await counted();
    assert.equal(afterExpunge[1], '3 messages');
    assert.deepEqual(afterExpunge, await recounted());
    assert.match(readFileSync(join(account.maildir, 'maildirsize'), 'utf8'), /^104857600S\n/);
    assert.deepEqual(server.troubles(), []);
  });

  test('UID lists of the first version are read as it reads them', async (t) => {
    const scene = await makeScene(t, 'first');
    const { home, cabin, stick } = scene;
    const { account } = home;
    const old = join(account.maildir, '.Old');
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(old, part), { recursive: true });
    for (const name of ['1.a:2,S', '2.b:2,', '3.c:2,F']) writeFileSync(join(old, 'cur', name), letter(`of ${name}.`));
    writeFileSync(join(old, 'dovecot-uidlist'), '1 1234567 12\n3 1.a:2,S\n5 2.b\n9 3.c:2,\n');
    server.user.own(account.home);
    await initAll(scene);
    cabin.put(letter('of the cabin.'), { mailbox: 'Old', flags: 'S' });
    for (const host of [home, cabin, home, cabin]) await host.mrepl('sync', stick);
    assert.match(readFileSync(join(old, 'dovecot-uidlist'), 'utf8'), /^3 V1234567 N13(?: G[0-9a-f]{32})?\n3 :1.a/);
    const { uidValidity, uidNext, messages } = await (await account.client()).look('Old');
    assert.deepEqual([uidValidity, uidNext], [1234567, 13]);
    assert.deepEqual(
      messages.map(({ uid, flags }) => [uid, flags.join()]),
      [
        [3, '\\Seen'],
        [5, ''],
        [9, '\\Flagged'],
        [12, '\\Seen'],
      ],
    );
    assert.equal(cabin.count('of 3.c', 'Old'), 1);
    assert.deepEqual(server.troubles(), []);
  });
});
