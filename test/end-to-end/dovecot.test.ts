import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { comparable } from '../dovecot/comparable.js';
import type { MailboxView, Told } from '../dovecot/mail-client.js';
import { initServed } from '../dovecot/served-pair.js';
import { crlf, fill, servedScenes } from '../dovecot/served-scenes.js';
import { letter } from './site.js';

// Two hosts with a real Dovecot each, of different layouts. Everything is changed and read by IMAP.

describe('beside a running Dovecot', () => {
  const { servers, makeScene, exchange, assertNothingLogged, freshLook, assertSame } = servedScenes();

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
});

function lastCount(told: readonly Told[]): number {
  return told.reduce((count, item) => (item.kind === 'exists' ? item.count : count), 0);
}

function withoutModseqs(views: Readonly<Record<string, MailboxView>>): unknown {
  return Object.entries(views).map(([name, { highestModseq: _, ...view }]) => [name, view]);
}
