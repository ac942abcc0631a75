import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from './configuration.js';
import { type Dovecot, startDovecot } from './dovecot.js';

/** So long a line may take to get into the log. */
const logMsMax = 10_000;

// What the other tests trust this harness for.
for (const layout of ['maildir++', 'fs'] satisfies Layout[]) {
  describe(`a private Dovecot with ${layout}`, () => {
    let dovecot: Dovecot;
    before(async () => {
      dovecot = await startDovecot({ layout });
    });
    after(() => dovecot.stop());

    test('keeps what a client appends, and shows it', async () => {
      const account = dovecot.account('ann');
      const client = await account.client();
      await client.create('Archiv/Grüße');
      const date = new Date('2019-03-04T05:06:07Z');
      const uid = await client.append('Archiv/Grüße', 'Subject: a\r\n\r\nb\r\n', {
        flags: ['\\Seen', '$Label1', 'Work'],
        date,
      });
      const { messages, uidNext } = await client.look('Archiv/Grüße');
      assert.deepEqual(messages, [
        {
          uid,
          flags: ['$Label1', 'Work', '\\Seen'],
          date: date.toISOString(),
          size: 17,
          text: 'Subject: a\r\n\r\nb\r\n',
        },
      ]);
      assert.equal(uidNext, uid + 1);
      assert.deepEqual(await client.mailboxes(), ['Archiv/Grüße', 'INBOX']);
      assert.deepEqual(await account.subscriptions(), ['Archiv/Grüße']);
      assert.deepEqual(dovecot.troubles(), []);
    });

    test('delivers, and tells an idling client of all that happens', async () => {
      const account = dovecot.account('ben');
      const client = await account.client();
      const listener = await (await account.client({ qresync: true })).idle('INBOX');
      await account.deliver('Subject: one\n\nbody\n');
      await listener.until((told) => told.some(({ kind }) => kind === 'exists'));
      await client.flag('INBOX', [1], { add: ['\\Flagged', 'Later'] });
      await listener.until((told) => told.some((item) => item.kind === 'fetch' && item.flags.includes('Later')));
      await client.expunge('INBOX', [1]);
      await listener.until((told) => told.some((item) => item.kind === 'vanished' && item.uid === 1));
      await listener.stop();
      assert.deepEqual(dovecot.troubles(), []);
    });

    test('takes mail by LMTP, for a mailbox, too, which it makes', async () => {
      const account = dovecot.account('flo');
      await account.deliverByLmtp('Subject: one\n\n.begins with a full stop');
      await account.deliverByLmtp('Subject: two\n\nbody\n', 'Lists/a');
      const views = await (await account.client()).lookAtAll();
      const texts = Object.entries(views).map(([name, { messages }]) => [name, ...messages.map(({ text }) => text)]);
      assert.deepEqual(
        texts.map((lines) => lines.join().replace(/,(?:.|\r\n)*(?=Subject)/, ' ')),
        ['INBOX Subject: one\r\n\r\n.begins with a full stop\r\n', 'Lists/a Subject: two\r\n\r\nbody\r\n'],
      );
      assert.deepEqual(dovecot.troubles(), []);
    });

    test('moves, copies, renames, removes and unsubscribes', async () => {
      const account = dovecot.account('cleo');
      const client = await account.client();
      await client.create('A');
      await client.create('B');
      await client.append('A', 'Subject: 1\r\n\r\n');
      await client.append('A', 'Subject: 2\r\n\r\n');
      await client.move('A', [1], 'B');
      await client.copy('A', [2], 'B');
      await client.rename('B', 'C');
      await client.remove('A');
      await client.subscribe('B', false);
      await client.subscribe('C', true);
      const { C, ...others } = await client.lookAtAll();
      assert.deepEqual(
        C?.messages.map(({ text }) => text),
        ['Subject: 1\r\n\r\n', 'Subject: 2\r\n\r\n'],
      );
      assert.deepEqual(Object.keys(others), ['INBOX']);
      assert.deepEqual(await account.subscriptions(), ['A', 'C']);
    });

    test('reports its warnings', async () => {
      const account = dovecot.account('dan');
      const client = await account.client();
      await client.append('INBOX', 'Subject: a\r\n\r\n');
      assert.deepEqual(dovecot.troubles(), []);
      assert.ok(readdirSync(account.maildir).includes('dovecot-uidlist'));
      writeFileSync(join(account.maildir, 'dovecot-uidlist'), 'nonsense\n');
      await client.look('INBOX').catch(() => {});
      // Another process writes the log, when it comes to it.
      const waitedFor = Date.now() + logMsMax;
      let said = dovecot.troubles();
      for (; said.length === 0 && Date.now() < waitedFor; said = dovecot.troubles()) await sleep(20);
      assert.notDeepEqual(said, []);
    });

    test('refusals of the server are failures', async () => {
      const client = await dovecot.account('eve').client();
      await assert.rejects(client.look('nowhere'));
      await assert.rejects(client.append('nowhere', 'Subject: a\r\n\r\n'));
      await assert.rejects(client.rename('nowhere', 'elsewhere'));
    });
  });
}
