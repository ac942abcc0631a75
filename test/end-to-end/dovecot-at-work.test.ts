import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailClient, Told } from '../dovecot/mail-client.js';
import { initServed } from '../dovecot/served-pair.js';
import { crlf, servedScenes } from '../dovecot/served-scenes.js';
import { letter } from './site.js';

// Two hosts with a real Dovecot each, of different layouts, whose servers and clients are at work while runs go on, or have new UIDs.

describe('a Dovecot at work', () => {
  const { servers, makeScene, exchange, assertNothingLogged, freshLook, assertSame } = servedScenes();

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

function lastCount(told: readonly Told[]): number {
  return told.reduce((count, item) => (item.kind === 'exists' ? item.count : count), 0);
}
