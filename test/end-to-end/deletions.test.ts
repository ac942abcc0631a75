import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { assertAgreed, exchange } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

type Scene = { readonly home: Site; readonly cabin: Site; readonly stick: string };

/** Two hosts in step, with ten messages in each of two mailboxes. */
async function pairInStep(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  for (let n = 0; n < 10; n++) {
    home.put(letter(`inbox ${n}.`));
    home.put(letter(`work ${n}.`), { mailbox: 'Work' });
  }
  for (const site of [home, cabin]) await site.mrepl('init', site.store, '--name', site.name);
  for (const site of [home, cabin, home]) await site.mrepl('pair', stick, '--yes');
  await exchange([home, cabin], stick);
  await assertAgreed([home, cabin]);
  return { home, cabin, stick };
}

function expungeSome({ home }: Scene): void {
  for (const n of [1, 2, 3]) home.expunge(`inbox ${n}.`);
  home.expunge('work 1.', 'Work');
  home.move('work 2.', 'Work', 'INBOX');
  home.move('work 3.', 'Work', 'Done');
}

describe('deletions', () => {
  test('are said aloud when they leave and when they arrive, moves apart', async (t) => {
    const scene = await pairInStep(t);
    const { home, cabin, stick } = scene;
    expungeSome(scene);
    assert.match(
      await home.mrepl('export', stick, '-n'),
      /^GOES {6}4 messages were expunged here: that is said to cabin\n {2}INBOX {2}3\n {2}Work {3}1\nMOVES {5}2 messages\n/m,
    );
    const left = await home.json('sync', stick);
    assert.deepEqual(left.find(({ kind }) => kind === 'export')?.expunged, { messages: 4, mailboxes: 2 });
    assert.match(await home.mrepl('log'), /4 expunged in 2 mailboxes/);
    const logged = (await home.json('log')).map(({ details }) => details as { expunged?: unknown });
    assert.deepEqual(logged.at(-1)?.expunged, { messages: 4, mailboxes: 2 });
    const foreseen = await cabin.json('import', stick, '-n');
    assert.deepEqual(foreseen.find(({ kind }) => kind === 'import')?.expunged, { messages: 4, mailboxes: 2 });
    assert.match(await cabin.mrepl('sync', stick), /expunged in 2 mailboxes/);
    assert.match(await cabin.mrepl('log'), /expunged in 2 mailboxes/);
    home.expunge('inbox 9.');
    assert.match(await home.mrepl('sync', stick), /and says that 1 message was expunged in 1 mailbox, for cabin/);
  });

  test('--delete-max stops whoever would pass on more, before anything is changed or written', async (t) => {
    const scene = await pairInStep(t);
    const { home, cabin, stick } = scene;
    expungeSome(scene);
    const before = readdirSync(join(stick, 'mrepl', 'alice'));
    for (const limit of ['3', '19%', '0']) {
      for (const command of ['export', 'sync']) {
        const { status, err } = await home.run(command, stick, '--delete-max', limit, '--allow-expunge');
        assert.equal(status, 77, `${command} ${limit}`);
        assert.match(
          err,
          /4( of 20)? messages went from \S+ since the last run, more than --delete-max \S+ allows; nothing was changed\nhint: /,
        );
      }
    }
    assert.deepEqual(readdirSync(join(stick, 'mrepl', 'alice')), before);
    await home.mrepl('import', stick, '--delete-max', '4'); // sees them, and passes nothing on
    home.expunge('inbox 9.');
    const again = await home.run('sync', stick, '--delete-max', '4');
    assert.equal(again.status, 77);
    assert.match(again.err, /exporting to \S+ would pass on that 5 messages went, more than --delete-max 4/);
    await home.mrepl('sync', stick, '--delete-max', '25%');
    await exchange([cabin, home], stick);
    await assertAgreed([home, cabin]);
    await home.mrepl('sync', stick, '--delete-max', '0'); // they were passed on
  });

  test('--delete-max stops whoever would carry out more, also where a setting says it', async (t) => {
    const scene = await pairInStep(t);
    const { home, cabin, stick } = scene;
    expungeSome(scene);
    await home.mrepl('sync', stick);
    for (const command of ['import', 'sync']) {
      const { status, err } = await cabin.run(command, stick, '--delete-max', '3');
      assert.equal(status, 77, command);
      assert.match(err, /importing these bundles would expunge 4 messages, more than --delete-max 3 allows/);
    }
    mkdirSync(join(cabin.home, '.config', 'mrepl'), { recursive: true });
    writeFileSync(join(cabin.home, '.config', 'mrepl', 'config.json'), '{"deleteMax": "10%"}');
    assert.equal((await cabin.run('sync', stick, '--allow-expunge')).status, 77);
    assert.equal(cabin.count('inbox 1.'), 1);
    await cabin.mrepl('sync', stick, '--delete-max', '4');
    assert.equal(cabin.count('inbox 1.'), 0);
    await exchange([home, cabin], stick);
    await assertAgreed([home, cabin]);
  });

  test('--delete-max takes a number or a share, and nothing else', async (t) => {
    const { home, stick } = await pairInStep(t);
    for (const limit of ['some', '-1', '101%', '1.5', '']) {
      const { status, err } = await home.run('sync', stick, `--delete-max=${limit}`);
      assert.equal(status, 64, limit);
      assert.match(err, /--delete-max/);
    }
  });
});
