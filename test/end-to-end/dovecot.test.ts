import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { comparable } from '../dovecot/comparable.js';
import type { Dovecot } from '../dovecot/dovecot.js';
import type { MailboxView, MailClient, Told } from '../dovecot/mail-client.js';
import { initServed, type ServedHost, type ServedHosts, servedPair } from '../dovecot/served-pair.js';
import { letter } from './site.js';

// Two hosts with a real Dovecot each, of different layouts. Everything is changed and read by IMAP.

type Scene = ServedHosts & {
  /** UIDVALIDITY of the INBOX at home, when both were empty. */
  readonly uidValidity: number;
};

describe('beside a running Dovecot', () => {
  const servers = servedPair();

  /** A new account on each server, empty. */
  async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
    const hosts = await servers.makeHosts(t);
    const { uidValidity } = await hosts.home.client.look('INBOX');
    return { ...hosts, uidValidity };
  }

  async function exchange({ home, cabin, stick }: Scene): Promise<void> {
    for (const host of [home, cabin, home]) await host.mrepl('sync', stick);
  }

  /** INBOX, which each server has made by itself, takes the UIDVALIDITY of the older one, which Dovecot logs where it has shown another. */
  function assertNothingLogged(): void {
    const isTrouble = (line: string): boolean => !/Warning: Mail(?:dir|box) .*UIDVALIDITY changed/.test(line);
    assert.deepEqual(
      { home: servers.home.troubles(), cabin: servers.cabin.troubles().filter(isTrouble) },
      { home: [], cabin: [] },
    );
  }

  /** What a client sees that logs in now: Dovecot shows sessions that have asked for the list before no mailbox made by others. */
  async function freshLook({ account }: ServedHost): Promise<Record<string, MailboxView>> {
    const client = await account.client();
    const views = await client.lookAtAll();
    await client.close();
    return views;
  }

  async function assertSame({ home, cabin, uidValidity }: Scene): Promise<Record<string, MailboxView>> {
    const [atHome, atCabin] = [await freshLook(home), await freshLook(cabin)];
    assert.deepEqual(comparable(atCabin), comparable(atHome));
    assert.equal(atHome.INBOX?.uidValidity, uidValidity);
    assert.deepEqual(await cabin.account.subscriptions(), await home.account.subscriptions());
    assert.deepEqual(await guids(servers.cabin, cabin), await guids(servers.home, home));
    return atHome;
  }

  test('a first exchange gives the other host the same mailboxes, to the last UID', async (t) => {
    const scene = await makeScene(t);
    const { home } = scene;
    await fill(home.client);
    await home.client.expunge('INBOX', [2]);
    await home.client.subscribe('Lists/a', false);
    await initServed(scene);
    await exchange(scene);
    const views = await assertSame(scene);
    assert.deepEqual(Object.keys(views), ['Archiv/Grüße', 'INBOX', 'Lists/a']);
    assert.deepEqual(
      views.INBOX?.messages.map(({ uid }) => uid),
      [1, 3, 4],
    );
    assert.deepEqual(views.INBOX?.messages[0]?.flags, ['$Label1', 'Work', '\\Answered', '\\Seen']);
    assert.equal(views.INBOX?.messages[0]?.date, '2019-03-04T05:06:07.000Z');
    assertNothingLogged();
  });

  test('what is changed on both hosts is the same on both afterwards', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    await fill(home.client);
    await initServed(scene);
    await exchange(scene);

    await home.client.flag('INBOX', [1], { add: ['\\Flagged'], remove: ['Work'] });
    await home.client.expunge('INBOX', [2]);
    await home.client.move('INBOX', [3], 'Lists/a');
    await home.client.create('Neu');
    await home.client.append('Neu', crlf(letter('in a new mailbox')));
    const client = await cabin.account.client();
    await client.flag('INBOX', [1], { add: ['Later', '$Forwarded'], remove: ['\\Answered'] });
    await client.flag('INBOX', [3], { add: ['\\Flagged'] });
    await client.copy('INBOX', [4], 'Archiv/Grüße');
    await client.rename('Archiv/Grüße', 'Archiv/Alt');
    await client.subscribe('Lists/a', false);
    await cabin.account.deliver(letter('delivered at the cabin'));

    await exchange(scene);
    const views = await assertSame(scene);
    assert.deepEqual(Object.keys(views), ['Archiv/Alt', 'INBOX', 'Lists/a', 'Neu']);
    assert.deepEqual(views.INBOX?.messages[0]?.flags, ['$Forwarded', '$Label1', 'Later', '\\Flagged', '\\Seen']);
    const moved = views['Lists/a']?.messages.find(({ text }) => text.includes('number 3'));
    assert.deepEqual(moved?.flags, ['\\Flagged']);
    assert.equal(views['Archiv/Alt']?.messages.length, 2);
    assertNothingLogged();
  });

  test('the same UID given out on both hosts: both messages get new ones, and nobody is troubled', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    await home.client.append('INBOX', crlf(letter('common')));
    await initServed(scene);
    await exchange(scene);
    await home.account.deliver(letter('at home'));
    await cabin.account.deliver(letter('at the cabin'));
    const idle = await (await cabin.account.client({ qresync: true })).idle('INBOX');
    await exchange(scene);
    await idle.until((told) => told.some(({ kind }) => kind === 'vanished') && lastCount(told) >= 3);
    const views = await assertSame(scene);
    assert.deepEqual(
      views.INBOX?.messages.map(({ uid }) => uid),
      [1, 3, 4],
    );
    assert.ok(!idle.told.some(({ kind }) => kind === 'closed'));
    await idle.stop();
    assertNothingLogged();
  });

  test('two independent INBOXes, the same mail in both: one copy each under the UIDs of the older', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    const date = new Date('2020-01-02T03:04:05Z');
    for (const number of [1, 2, 3, 4]) {
      await home.client.append('INBOX', crlf(letter(`number ${number}`)), { date, flags: ['\\Seen'] });
    }
    for (const number of [4, 3, 2, 1, 5]) {
      await cabin.client.append('INBOX', crlf(letter(`number ${number}`)), { date, flags: ['Work'] });
    }
    await initServed(scene);
    await exchange(scene);
    const views = await freshLook(home);
    assert.deepEqual(comparable(await freshLook(cabin)), comparable(views));
    assert.equal(views.INBOX?.messages.length, 5);
    assert.ok(
      views.INBOX?.messages
        .filter(({ flags }) => flags.includes('\\Seen'))
        .every(({ flags }) => flags.includes('Work')),
    );
    await exchange(scene);
    assert.deepEqual(comparable(await freshLook(home)), comparable(views));
    assert.deepEqual(comparable(await freshLook(cabin)), comparable(views));
  });

  test('what the other host expunged is shown by no server, and comes back to clients that watch', async (t) => {
    const scene = await makeScene(t);
    await fill(scene.home.client);
    await initServed(scene);
    await exchange(scene);
    const before = await assertSame(scene);
    for (const [server, there, here] of [
      [servers.cabin, scene.home, scene.cabin],
      [servers.home, scene.cabin, scene.home],
    ] as const) {
      const client = await there.account.client();
      const { messages } = await client.look('INBOX');
      await client.expunge(
        'INBOX',
        messages.slice(0, 2).map(({ uid }) => uid),
      );
      await client.remove('Archiv/Grüße');
      const idle = await (await here.account.client()).idle('INBOX');
      await exchange(scene);
      await idle.until((told) => told.filter(({ kind }) => kind === 'expunge').length === 2);
      await here.account.deliver(letter(`to look into tmp on ${here.name}`));
      const trash = join(here.account.maildir, 'cur/.mrepl/tmp/trash');
      assert.equal(readdirSync(trash).length, 3);
      const listed = (await server.doveadm('mailbox', 'list', '-u', here.account.name)).split('\n').filter(Boolean);
      assert.deepEqual(listed.sort(), ['INBOX', 'Lists', 'Lists/a']);
      await here.mrepl('restore', '--all');
      await idle.until((told) => lastCount(told) === messages.length + 1);
      assert.ok(!idle.told.some(({ kind }) => kind === 'closed'));
      await idle.stop();
      await exchange(scene);
      assert.equal(existsSync(trash), false);
    }
    const views = await assertSame(scene);
    const content = (view: MailboxView | undefined): string[] =>
      view?.messages.map(({ uid: _, ...message }) => JSON.stringify(message)).sort() ?? [];
    for (const [name, view] of Object.entries(before)) {
      for (const message of content(view)) assert.ok(content(views[name]).includes(message), `${name}: ${message}`);
    }
    assertNothingLogged();
  });

  for (const qresync of [true, false]) {
    const how = qresync ? 'VANISHED' : 'EXPUNGE';
    test(`an idling client is told of an import by ordinary EXISTS, FETCH and ${how}`, async (t) => {
      const scene = await makeScene(t);
      const { home, cabin, stick } = scene;
      for (const number of [1, 2, 3]) await home.client.append('INBOX', crlf(letter(`number ${number}`)));
      await initServed(scene);
      await exchange(scene);
      const idle = await (await cabin.account.client({ qresync })).idle('INBOX');
      await home.client.flag('INBOX', [1], { add: ['\\Flagged', 'Urgent'] });
      await home.client.expunge('INBOX', [2]);
      await home.account.deliver(letter('number 4'));
      await home.mrepl('export', stick);
      await cabin.mrepl('import', stick);
      const gone = (item: Told): boolean =>
        qresync ? item.kind === 'vanished' && item.uid === 2 : item.kind === 'expunge' && item.seq === 2;
      await idle.until(
        (told) =>
          told.some(({ kind }) => kind === 'exists') &&
          told.some(
            (item) => item.kind === 'fetch' && item.flags.includes('Urgent') && item.flags.includes('\\Flagged'),
          ) &&
          told.some(gone),
      );
      assert.ok(!idle.told.some(({ kind }) => kind === 'closed'));
      await idle.stop();
      await cabin.mrepl('export', stick);
      await home.mrepl('import', stick);
      await assertSame(scene);
      assertNothingLogged();
    });
  }

  test('a client sees a damaged message that was replaced as it was before, and an altered one as new', async (t) => {
    const scene = await makeScene(t);
    const { home, stick } = scene;
    await fill(home.client);
    await home.client.copy('INBOX', [3], 'Lists/a');
    await initServed(scene);
    await exchange(scene);
    const before = await assertSame(scene);
    const idle = await (await home.account.client({ qresync: true })).idle('INBOX');
    const fileOf = (number: number): string => {
      const files = ['cur', 'new'].flatMap((part) =>
        readdirSync(join(home.account.maildir, part))
          .filter((name) => !name.startsWith('.'))
          .map((name) => join(home.account.maildir, part, name)),
      );
      return files.find((file) => readFileSync(file, 'utf8').includes(`Subject: number ${number}`)) ?? '';
    };
    for (const number of [1, 3]) {
      const file = fileOf(number);
      const { atime, mtime } = statSync(file);
      writeFileSync(file, readFileSync(file).fill(0, 40));
      utimesSync(file, atime, mtime);
    }
    assert.equal((await home.run('doctor', '--deep')).status, 3);
    assert.equal((await home.run('sync', stick)).status, 3);
    await scene.cabin.mrepl('sync', stick);
    assert.match(await home.mrepl('sync', stick), /replaced 3 damaged texts/);
    assert.deepEqual(withoutModseqs(await freshLook(home)), withoutModseqs(before)); // Dovecot 2.4 counts it as a change
    assert.ok(!idle.told.some(({ kind }) => kind === 'vanished' || kind === 'exists' || kind === 'closed'));

    const altered = fileOf(2);
    writeFileSync(altered, readFileSync(altered, 'utf8').replace('\n\n', '\nX-Label: new\n\n'));
    assert.equal((await home.run('doctor', '--deep')).status, 3);
    await exchange(scene);
    await idle.until(
      (told) => told.some(({ kind }) => kind === 'vanished') && told.some(({ kind }) => kind === 'exists'),
    );
    await idle.stop();
    const { INBOX } = await assertSame(scene);
    assert.deepEqual(
      INBOX?.messages.map(({ uid }) => uid),
      [1, 3, 4, 5],
    );
    const [was, is] = [before.INBOX?.messages[1], INBOX?.messages[3]];
    assert.deepEqual([is?.flags, is?.date], [was?.flags, was?.date]);
    assert.match(is?.text ?? '', /X-Label: new/);

    // Dovecot has not seen that there is more in the file than its name says: by the new one it does.
    const longer = `${readFileSync(fileOf(2), 'utf8')}${'More of it, written later.\n'.repeat(20)}`;
    writeFileSync(fileOf(2), longer);
    assert.equal((await home.run('doctor', '--deep')).status, 3);
    await exchange(scene);
    const later = (await assertSame(scene)).INBOX;
    assert.deepEqual(
      later?.messages.map(({ uid }) => uid),
      [1, 3, 4, 6],
    );
    assert.equal(later?.messages[3]?.text.replaceAll('\r\n', '\n'), longer.replaceAll('\r\n', '\n'));
    assertNothingLogged();
  });

  test('mail that Dovecot delivers while an import runs is kept and numbered right', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin, stick } = scene;
    const arriving = 400;
    for (let number = 1; number <= arriving; number++) {
      await home.client.append('INBOX', crlf(letter(`from home ${number}.`, 'h'.repeat(2000))));
    }
    await initServed(scene);
    await home.mrepl('export', stick);
    const running = cabin.start(['import', stick]);
    let delivered = 0;
    let ended = false;
    void running.ended.then(() => {
      ended = true;
    });
    while (!ended) await cabin.account.deliver(letter(`meanwhile ${++delivered}.`));
    const { status, err } = await running.ended;
    assert.equal(status, 0, err);
    assert.ok(delivered >= 2, 'nothing was delivered during the import');
    const { INBOX } = await freshLook(cabin);
    const uids = INBOX?.messages.map(({ uid }) => uid) ?? [];
    assert.equal(new Set(uids).size, arriving + delivered);
    await exchange(scene);
    await exchange(scene); // both may have given new UIDs
    const views = await assertSame(scene);
    for (let number = 1; number <= delivered; number++) {
      assert.equal(views.INBOX?.messages.filter(({ text }) => text.includes(`meanwhile ${number}.`)).length, 1);
    }
    assertNothingLogged();
  });

  test('a client at work while imports run sees no error, and no flag is lost', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin, stick } = scene;
    for (let number = 1; number <= 30; number++) await home.client.append('INBOX', crlf(letter(`number ${number}.`)));
    await initServed(scene);
    await exchange(scene);
    let isOver = false;
    const working = (async () => {
      const client = await cabin.account.client();
      for (let uid = 1; uid <= 30 || !isOver; uid++) {
        const at = ((uid - 1) % 30) + 1;
        await client.flag('INBOX', [at], uid <= 30 ? { add: ['Worked'] } : { add: ['\\Seen'] });
      }
    })();
    for (let round = 1; round <= 4; round++) {
      await home.client.flag('INBOX', [round], { add: ['\\Flagged'] });
      await home.account.deliver(letter(`round ${round}.`));
      await home.mrepl('export', stick);
      const { status, err } = await cabin.start(['import', stick]).ended; // the client and it get in each other's way as two programs do
      assert.equal(status, 0, err);
    }
    isOver = true;
    await working;
    await exchange(scene);
    const views = await assertSame(scene);
    const first = views.INBOX?.messages.filter(({ text }) => text.includes('number ')) ?? [];
    assert.equal(first.length, 30);
    assert.ok(first.every(({ flags }) => flags.includes('Worked')));
    assert.equal(first.filter(({ flags }) => flags.includes('\\Flagged')).length, 4);
    assertNothingLogged();
  });

  test('clients that wait in an empty mailbox are not thrown out when its first mail comes, wherever it was made', async (t) => {
    const scene = await makeScene(t);
    const { home, cabin } = scene;
    await home.client.create('Made at home');
    await initServed(scene);
    await exchange(scene);
    await (await cabin.account.client()).create('Made there');
    await exchange(scene);
    await sleep(1100); // UIDVALIDITY is made of the time in seconds: one that was made now would show
    const waiting: [MailClient, Awaited<ReturnType<MailClient['idle']>>, string][] = [];
    for (const { account } of [home, cabin]) {
      for (const mailbox of ['Made at home', 'Made there']) {
        const client = await account.client();
        waiting.push([client, await client.idle(mailbox), mailbox]);
      }
    }
    const before = await assertSame(scene);
    await (await home.account.client()).append('Made there', crlf(letter('one')));
    await (await cabin.account.client()).append('Made at home', crlf(letter('two')));
    await exchange(scene);
    for (const [client, idle, mailbox] of waiting) {
      await idle.until((told) => lastCount(told) === 1);
      assert.ok(!idle.told.some(({ kind }) => kind === 'closed'));
      await idle.stop();
      assert.equal((await client.look(mailbox)).uidValidity, before[mailbox]?.uidValidity);
    }
    await assertSame(scene);
    assertNothingLogged();
  });

  test('a mailbox whose UIDs are used up goes on under another UIDVALIDITY on both hosts', async (t) => {
    const scene = await makeScene(t);
    const { home } = scene;
    for (const number of [1, 2]) await home.client.append('INBOX', crlf(letter(`number ${number}`)));
    await initServed(scene);
    await exchange(scene);
    await home.account.deliver(letter('delivered before the end'));
    await home.client.close();
    const list = join(home.account.maildir, 'dovecot-uidlist');
    writeFileSync(list, readFileSync(list, 'utf8').replace(/ N\d+/, ' N4294967295'));
    await exchange(scene);
    const [atHome, atCabin] = [(await freshLook(home)).INBOX, (await freshLook(scene.cabin)).INBOX];
    assert.notEqual(atHome?.uidValidity, scene.uidValidity);
    assert.equal(atCabin?.uidValidity, atHome?.uidValidity);
    for (const view of [atHome, atCabin]) {
      assert.deepEqual(
        view?.messages.map(({ uid }) => uid),
        [1, 2, 3],
      );
    }
    const troubles = [...servers.home.troubles(), ...servers.cabin.troubles()];
    assert.deepEqual(
      troubles.filter((line) => !/UIDVALIDITY changed|next_uid/.test(line)),
      [],
    );
  });

  test('a mailbox whose UIDs were reset at one host gets the new UIDVALIDITY on the other too', async (t) => {
    const scene = await makeScene(t);
    const { home } = scene;
    await home.client.append('INBOX', crlf(letter('number 0'))); // of two empty ones the older would win, be it the cabin's
    await home.client.create('Lists/a');
    for (const number of [1, 2, 3]) {
      await home.client.append('Lists/a', crlf(letter(`number ${number}`)), { flags: ['Work'] });
    }
    await home.client.expunge('Lists/a', [1]);
    await initServed(scene);
    await exchange(scene);
    const before = await assertSame(scene);
    await home.client.close();
    // As after a disk that lost a directory's small files: Dovecot gives new UIDs to all messages.
    const folder = join(home.account.maildir, '.Lists.a');
    for (const name of readdirSync(folder)) {
      if (/^dovecot[-.](?:uidlist|index)/.test(name)) rmSync(join(folder, name));
    }
    await sleep(1100); // UIDVALIDITY is made of the time in seconds, and must not be the one before
    const reset = (await freshLook(home))['Lists/a'];
    assert.ok(Number(reset?.uidValidity) > Number(before['Lists/a']?.uidValidity));
    await exchange(scene);
    const views = await assertSame(scene);
    assert.equal(views['Lists/a']?.uidValidity, reset?.uidValidity);
    assert.deepEqual(
      views['Lists/a']?.messages.map(({ flags }) => flags),
      [['Work'], ['Work']],
    );
    const troubles = [...servers.home.troubles(), ...servers.cabin.troubles()];
    assert.deepEqual(
      troubles.filter((line) => !line.includes('UIDVALIDITY changed')),
      [],
    );
  });
});

async function fill(client: MailClient): Promise<void> {
  for (const number of [1, 2, 3, 4]) {
    await client.append('INBOX', crlf(letter(`number ${number}`)), {
      date: new Date(Date.UTC(2019, 2, 3 + number, 5, 6, 7)),
      flags: number === 1 ? ['\\Seen', '\\Answered', 'Work', '$Label1'] : [],
    });
  }
  await client.create('Archiv/Grüße');
  await client.append('Archiv/Grüße', crlf(letter('Grüße', 'Schöne Grüße')), { flags: ['\\Seen', 'Privat'] });
  await client.create('Lists/a');
}

function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/** Dovecot's own message GUIDs, by mailbox and UID. */
async function guids(server: Dovecot, { account }: ServedHost): Promise<string[]> {
  const listing = await server.doveadm('-f', 'tab', 'fetch', '-u', account.name, 'mailbox uid guid', 'ALL');
  return listing.split('\n').filter(Boolean).sort();
}

function lastCount(told: readonly Told[]): number {
  return told.reduce((count, item) => (item.kind === 'exists' ? item.count : count), 0);
}

function withoutModseqs(views: Readonly<Record<string, MailboxView>>): unknown {
  return Object.entries(views).map(([name, { highestModseq: _, ...view }]) => [name, view]);
}
