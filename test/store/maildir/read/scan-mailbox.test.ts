import assert from 'node:assert/strict';
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Failure } from '../../../../src/failure.js';
import { changeNow, digestsOf, going, openTested, scanOf, spooled } from '../../store-under-test.js';
import { listOf, listText, storeContext, withMaildir, writeList } from '../open-maildir.js';

const guid = 'c923050abc09056bcb26000083ecc375';
const lookOnly = { known: null, assignUids: false };

describe('scanning a Maildir', () => {
  it('changes nothing unless it may give UIDs, and then gives them in the order of arrival', () =>
    withMaildir({}, async (store, user) => {
      for (const name of ['new/300.b', 'cur/200.z:2,S', 'new/300.a', 'cur/1000.a:2,']) user.put('INBOX', name, name);
      const before = listText(user, 'INBOX');
      const looked = await store.scan('INBOX', lookOnly);
      assert.ok(looked !== null && looked !== 'unchanged');
      assert.ok(looked.messages.every(({ uid }) => uid === null));
      assert.equal(listText(user, 'INBOX'), before);
      const scan = await scanOf(store, 'INBOX');
      assert.deepEqual(
        scan.messages.map(({ ref }) => ref),
        ['200.z', '300.a', '300.b', '1000.a'],
      );
      assert.deepEqual(
        scan.messages.map(({ uid }) => uid),
        [1, 2, 3, 4],
      );
      assert.equal(listOf(user, 'INBOX').headerUidNext, 5);
      assert.deepEqual(user.files('INBOX'), ['cur/1000.a:2,', 'cur/200.z:2,S', 'new/300.a', 'new/300.b']);
      assert.equal(scan.mailboxId?.length, 32);
    }));

  it('leaves mail that arrives without the lock, while UIDs are given, to its next look', () =>
    withMaildir({}, async (_, user) => {
      user.put('INBOX', 'new/100.a', 'Subject: a\n\n');
      let arrived = false;
      const now = (): number => {
        if (!arrived && listOf(user, 'INBOX').records.length === 1) {
          arrived = true; // as Dovecot delivers that cannot have the lock
          user.put('INBOX', 'new/200.b', 'Subject: b\n\n');
        }
        return Date.now();
      };
      const store = await openTested(`maildir:${user.root}`, { ...storeContext, now });
      try {
        const first = await scanOf(store, 'INBOX');
        assert.ok(arrived);
        assert.deepEqual(
          first.messages.map(({ ref, uid }) => [ref, uid]),
          [['100.a', 1]],
        );
        assert.equal(first.fingerprint, null);
        const next = await scanOf(store, 'INBOX');
        assert.deepEqual(
          next.messages.map(({ ref, uid }) => [ref, uid]),
          [
            ['100.a', 1],
            ['200.b', 2],
          ],
        );
      } finally {
        await store.close();
      }
    }));

  it('relies on no directory that changed within this second', () =>
    withMaildir({}, async (store, user) => {
      user.deliver('INBOX', 'Subject: a\n\n');
      await scanOf(store, 'INBOX');
      user.settle();
      assert.notEqual((await scanOf(store, 'INBOX')).fingerprint, null);
      for (const name of ['cur', 'new', 'dovecot-uidlist']) {
        const inTheFuture = Date.now() / 1000 + 100;
        utimesSync(join(user.root, name), inTheFuture, inTheFuture);
        assert.equal((await scanOf(store, 'INBOX')).fingerprint, null, name);
        user.settle();
      }
    }));

  it('sees a change of the UID list alone', () =>
    withMaildir({}, async (store, user) => {
      user.settle();
      const { fingerprint } = await scanOf(store, 'INBOX');
      assert.equal(await store.scan('INBOX', { known: fingerprint, assignUids: true }), 'unchanged');
      writeList(user, 'INBOX', `3 V9 N1 G${guid}\n`);
      const scan = await store.scan('INBOX', { known: fingerprint, assignUids: true });
      assert.ok(scan !== null && scan !== 'unchanged');
      assert.equal(scan.uids?.uidValidity, 9);
    }));

  it('does not say unchanged to who wants UIDs given, where some are missing', () =>
    withMaildir({}, async (store, user) => {
      user.deliver('INBOX', 'Subject: a\n\n');
      user.settle();
      const looked = await store.scan('INBOX', lookOnly);
      assert.ok(looked !== null && looked !== 'unchanged' && looked.fingerprint !== null);
      assert.equal(await store.scan('INBOX', { known: looked.fingerprint, assignUids: false }), 'unchanged');
      const scan = await store.scan('INBOX', { known: looked.fingerprint, assignUids: true });
      assert.ok(scan !== null && scan !== 'unchanged');
      assert.equal(scan.messages[0]?.uid, 1);
    }));

  it('waits for a line of the list that is just being appended', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/a:2,', 'a');
      user.put('INBOX', 'cur/b:2,', 'b');
      writeList(user, 'INBOX', `3 V5 N1 G${guid}\n1 :a\n7 :`);
      const looked = await store.scan('INBOX', lookOnly);
      assert.ok(looked !== null && looked !== 'unchanged');
      assert.deepEqual(
        looked.messages.map(({ ref, uid }) => [ref, uid]),
        [
          ['a', 1],
          ['b', null],
        ],
      );
      const scan = await scanOf(store, 'INBOX');
      assert.deepEqual(
        scan.messages.map(({ ref, uid }) => [ref, uid]),
        [
          ['a', 1],
          ['b', 8],
        ],
      );
      assert.equal(listText(user, 'INBOX'), `3 V5 N9 G${guid}\n1 :a\n8 :b:2,\n`);
    }));

  it('gives a file whose name another has a name of its own; one file with two names keeps one', async () => {
    for (const uidLists of [true, false]) {
      await withMaildir({ uidLists }, async (store, user) => {
        user.put('INBOX', 'cur/x:2,S', 'one');
        user.put('INBOX', 'new/x', 'two');
        user.put('INBOX', 'cur/y:2,S', 'three');
        linkSync(join(user.root, 'cur/y:2,S'), join(user.root, 'cur/y:2,'));
        const looked = await store.scan('INBOX', lookOnly);
        assert.ok(looked !== null && looked !== 'unchanged');
        assert.equal(looked.troubles.length, 2);
        const scan = await scanOf(store, 'INBOX');
        assert.deepEqual(scan.troubles, []);
        assert.equal(scan.messages.length, 3);
        const texts = await Promise.all(scan.messages.map(({ ref }) => store.readText('INBOX', ref)));
        assert.deepEqual(texts.map((text) => Buffer.from(text).toString()).sort(), ['one', 'three', 'two']);
      });
    }
  });

  it('leaves out what is no message, and says so of names that nobody gives', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/.hidden', 'x');
      writeFileSync(Buffer.concat([Buffer.from(join(user.root, 'cur/')), Buffer.from([0x61, 0xff])]), 'x');
      writeFileSync(join(user.root, 'new', 'line\nbreak'), 'x');
      user.deliver('INBOX', 'Subject: a\n\n');
      const scan = await scanOf(store, 'INBOX');
      assert.equal(scan.messages.length, 1);
      assert.equal(scan.troubles.length, 2);
      for (const { failure } of scan.troubles) assert.doesNotMatch(failure.message, /[\n\ufffd]/);
    }));

  it('finds a message again that was renamed since', () =>
    withMaildir({}, async (store, user) => {
      const refs = ['a', 'b'].map((name) => user.deliver('INBOX', `Subject: ${name}\n\n`));
      await scanOf(store, 'INBOX');
      for (const ref of refs) user.setFlags('INBOX', ref, ['\\Seen']);
      const { digests, troubles } = await digestsOf(store, 'INBOX', refs);
      assert.deepEqual([digests.size, troubles], [2, []]);
      const [first = '', second = ''] = refs;
      user.setFlags('INBOX', first, ['\\Flagged']);
      assert.equal(Buffer.from(await store.readText('INBOX', first)).toString(), 'Subject: a\n\n');
      const text = { mailbox: 'INBOX', ref: second };
      user.setFlags('INBOX', second, []);
      const copy = await spooled(store, 'Subject: b\n\n', { hint: 'copy', text });
      assert.deepEqual((await changeNow(store, 'Copy', { deliver: [copy] })).troubles, []);
    }));

  it('takes a list it does not understand for none, but sees how far it went; a change for the list it was does nothing', () =>
    withMaildir({}, async (store, user) => {
      const ref = user.deliver('INBOX', 'Subject: a\n\n');
      for (const [text, above, mailboxId] of [
        ['', 0, null],
        ['2 2 3\n', 0, null],
        [`3 V1 N1 G${guid}\n2 :a\n1 :b\n`, 2, guid],
        [`3 V1 N\n7 S1 W2 :a\n9999999999 :b\n`, 7, null],
      ] as const) {
        writeList(user, 'INBOX', text);
        for (const options of [lookOnly, { known: null, assignUids: true }]) {
          const scan = await store.scan('INBOX', options);
          assert.ok(scan !== null && scan !== 'unchanged');
          assert.deepEqual([scan.uids, scan.uidsWanted, scan.mailboxId], [null, { above }, mailboxId]);
        }
        const change = {
          expected: { uidValidity: 1, uidNext: 3 },
          uidValidity: 1,
          uidNext: 9,
          expunge: going(ref),
          setFlags: [],
          renumber: [],
          deliver: [],
        };
        const { outcome, troubles } = await store.change('INBOX', change);
        assert.deepEqual([outcome, troubles], ['moved', []]);
        assert.equal(listText(user, 'INBOX'), text);
        assert.equal(user.files('INBOX').length, 1);
      }
    }));

  it('never takes a mailbox for deleted whose mail is only out of reach', async () => {
    for (const lose of ['cur', 'link', 'empty'] as const) {
      await withMaildir({}, async (store, user) => {
        user.deliver('kept', 'Subject: a\n\n');
        await scanOf(store, 'kept');
        const directory = user.directory('kept');
        if (lose === 'cur') rmSync(join(directory, 'cur'), { recursive: true });
        else {
          rmSync(directory, { recursive: true });
          if (lose === 'link') symlinkSync('/nowhere/at/all', directory);
          else mkdirSync(directory);
        }
        const listing = await store.list();
        assert.deepEqual(
          listing.mailboxes.map(({ name }) => name),
          ['INBOX'],
          lose,
        );
        // Of an empty directory only who knew the mailbox can tell that it was one.
        assert.deepEqual(
          listing.troubles.map(({ subject }) => subject),
          lose === 'empty' ? [] : ['kept'],
          lose,
        );
        await assert.rejects(store.scan('kept', lookOnly), Failure, lose);
        const change = { uidValidity: 1, uidNext: 9, expunge: [], setFlags: [], renumber: [], deliver: [] };
        const { troubles } = await store.change('kept', { ...change, expected: { uidValidity: 1, uidNext: 3 } });
        assert.deepEqual(
          troubles.map(({ subject }) => subject),
          ['kept'],
          lose,
        );
      });
    }
  });

  it('knows a mailbox by its list, wherever the directory is renamed to', () =>
    withMaildir({}, async (store, user) => {
      user.deliver('old', 'Subject: a\n\n');
      const { mailboxId } = await scanOf(store, 'old');
      renameSync(user.directory('old'), user.directory('new'));
      await store.list();
      assert.equal(await store.scan('old', lookOnly), null);
      assert.equal((await scanOf(store, 'new')).mailboxId, mailboxId);
      assert.ok(statSync(join(user.directory('new'), 'cur')).isDirectory());
    }));
});
