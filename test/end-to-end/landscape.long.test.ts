import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { makePair, makeTwins } from './pairs.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Where other programs were seen to lose, to double, to overlook or never to agree. Each test is one such case.

describe('the same mail on both sides at first', () => {
  test('is one copy each, under whatever names and UIDs, with the flags of both', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (const number of [1, 2, 3, 4]) home.put(letter(`same ${number}`), { flags: number === 1 ? 'F' : 'S' });
    for (const number of [4, 3, 2, 1]) cabin.put(letter(`same ${number}`), { flags: number === 1 ? 'R' : '' });
    await initAll(both);
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('same'), 4);
    for (const site of both) assert.match(site.files('same 1')[0] ?? '', /:2,FR$/);
  });

  test('brings no text when it is there already', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (const site of both) for (const number of [1, 2, 3]) site.put(letter(`same ${number}`));
    await initAll(both);
    await home.mrepl('export', stick);
    const report = (await cabin.json('import', stick)).at(-1);
    assert.equal(report?.kind, 'import');
    assert.deepEqual(report?.texts, { arrived: 0, bytes: 0, linked: 0, waiting: 0 });
    assert.equal(cabin.count('same'), 3);
  });

  test('stays twice where it was wanted twice', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (const site of both) for (const _copy of [1, 2]) site.put(letter('twice'));
    cabin.put(letter('once'));
    await initAll(both);
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(home.count('twice'), 2);
    assert.equal(home.count('once'), 1);
  });

  test('two independent INBOXes come to rest, and no id changes for ever', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (const number of [1, 2, 3]) home.put(letter(`from home ${number}`));
    for (const number of [1, 2]) cabin.put(letter(`from the cabin ${number}`));
    await initAll(both);
    await exchange(both, stick);
    await assertAgreed(both);
    const before = await viewReplica(home);
    assert.equal(before.INBOX?.messages.length, 5);
    await exchange(both, stick, 2);
    assert.deepEqual(await viewReplica(home), before);
  });
});

describe('one side against the other', () => {
  test('new mail in a mailbox that was deleted elsewhere is kept, and the mailbox with it', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      site.put(letter('old'), { mailbox: 'Project' });
      site.put(letter('other'));
    });
    rmSync(home.folder('Project'), { recursive: true });
    cabin.deliver(letter('new'), 'Project');
    await exchange(both, stick);
    await assertAgreed(both);
    for (const site of both) {
      assert.equal(site.count('Subject: new', 'Project'), 1);
      assert.equal(site.count('Subject: old', 'Project'), 0);
    }
  });

  test('a mailbox that was deleted does not return', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      site.put(letter('old'), { mailbox: 'Project' });
      site.put(letter('other'));
    });
    rmSync(home.folder('Project'), { recursive: true });
    await exchange(both, stick, 2);
    await assertAgreed(both);
    for (const site of both) assert.ok(!existsSync(site.folder('Project')), `${site.name} still has it`);
    assert.equal(cabin.count('other'), 1);
  });

  test('a flag set while the message was moved elsewhere is on the moved message', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => site.put(letter('moving')));
    home.move('moving', 'INBOX', 'Archive');
    cabin.mark('moving', { add: 'F' });
    await exchange(both, stick, 2);
    await assertAgreed(both);
    for (const site of both) {
      assert.equal(site.count('moving'), 0);
      assert.deepEqual(
        viewMaildir(site.maildir).Archive?.messages.map(({ flags }) => flags),
        [['F']],
      );
    }
  });

  test('a move carries no text', async (t) => {
    const { home, cabin, stick } = await makeTwins(t, (site) => site.put(letter('moving', 'x'.repeat(5000))));
    home.move('moving', 'INBOX', 'Archive');
    const exported = (await home.json('export', stick)).at(-1);
    assert.equal((exported?.bundles as { texts?: number }[] | undefined)?.[0]?.texts, 0);
    await cabin.mrepl('import', stick);
    assert.equal(cabin.count('moving', 'Archive'), 1);
    assert.equal(cabin.count('moving'), 0);
  });

  test('moved to two places at once, it is in both; nothing is lost', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => site.put(letter('moving')));
    home.move('moving', 'INBOX', 'Archive');
    cabin.move('moving', 'INBOX', 'Later');
    await exchange(both, stick, 2);
    await assertAgreed(both);
    assert.deepEqual(
      ['INBOX', 'Archive', 'Later'].map((mailbox) => home.count('moving', mailbox)),
      [0, 1, 1],
    );
  });

  test('a move beats an expunge', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      site.put(letter('moving'));
      site.put(letter('other'));
    });
    home.move('moving', 'INBOX', 'Archive');
    cabin.expunge('moving');
    await exchange(both, stick, 2);
    await assertAgreed(both);
    assert.equal(cabin.count('moving', 'Archive'), 1);
  });

  test('an expunge wins against a flag change, and the report says so', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      site.put(letter('doomed'));
      site.put(letter('other'));
    });
    home.expunge('doomed');
    cabin.mark('doomed', { add: 'F' });
    await home.mrepl('export', stick);
    const changes = await cabin.json('import', stick);
    assert.ok(changes.some(({ kind, change }) => kind === 'change' && change === 'expunge-won'));
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(home.count('doomed'), 0);
  });

  test('flags merge one by one; where both changed one flag, one of them wins on both', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => site.put(letter('flagged'), { flags: 'S' }));
    home.mark('flagged', { add: 'F', remove: 'S' });
    cabin.mark('flagged', { add: 'R' });
    await exchange(both, stick);
    await assertAgreed(both);
    assert.deepEqual(viewMaildir(cabin.maildir).INBOX?.messages[0]?.flags, ['F', 'R']);
  });

  test('dates of arrival are kept', async (t) => {
    const { cabin } = await makeTwins(t, (site) => {
      site.put(letter('long ago'), { receivedS: 981173106 });
      site.put(letter('not so long ago'), { receivedS: 1600000000, mailbox: 'Archive' });
    });
    const { INBOX, Archive } = viewMaildir(cabin.maildir);
    assert.deepEqual([INBOX?.messages[0]?.receivedS, Archive?.messages[0]?.receivedS], [981173106, 1600000000]);
  });
});

describe('changes that are easily overlooked', () => {
  test('as many changes here as there, so that all counters are alike', async (t) => {
    const total = 500;
    const changed = 46; // on each side: 92 in all
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= total; number++) site.put(letter(`number ${number}.`));
    });
    for (let number = 1; number <= changed; number++) {
      home.mark(`number ${number}.`, { add: 'F' });
      cabin.mark(`number ${total - number}.`, { add: 'R' });
    }
    await exchange(both, stick);
    await assertAgreed(both);
    const flags = viewMaildir(cabin.maildir).INBOX?.messages.map((message) => message.flags.join('')) ?? [];
    assert.equal(flags.filter((letters) => letters === 'F').length, changed);
    assert.equal(flags.filter((letters) => letters === 'R').length, changed);
  });

  test('as many messages gone as have come, on both sides', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= 10; number++) site.put(letter(`number ${number}.`));
    });
    for (const site of both) {
      const first = site === home ? 1 : 6;
      for (let number = first; number < first + 3; number++) {
        site.expunge(`number ${number}.`);
        site.put(letter(`${site.name} instead of ${number}.`));
      }
    }
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('Subject: number'), 4);
    assert.equal(cabin.count('instead of'), 6);
  });

  test('the last keyword of a message is taken away', async (t) => {
    const directory = scratch(t);
    const both = ['home', 'cabin'].map((name) => makeSite(directory, name, { uidList: true })) as [Site, Site];
    const [home, cabin] = both;
    const stick = join(directory, 'stick');
    mkdirSync(stick);
    writeFileSync(join(home.maildir, 'dovecot-keywords'), '0 Work\n1 Later\n');
    home.put(letter('labelled'), { flags: 'Sab' });
    home.put(letter('also labelled'), { flags: 'a' });
    await initAll(both);
    await exchange(both, stick);
    await assertAgreed(both);
    home.mark('Subject: labelled', { remove: 'ab' });
    await exchange(both, stick);
    await assertAgreed(both);
    const flags = viewMaildir(cabin.maildir).INBOX?.messages.map((message) => message.flags);
    assert.deepEqual(flags?.sort(), [['S'], ['Work']]);
  });
});
