import assert from 'node:assert/strict';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { guidOfCanonical } from '../../../../src/mail/text/text-guid.js';
import { changeNow, digestsOf, openTested, outcomeOf, scanOf, spooled } from '../../store-under-test.js';
import { listOf, listText, storeContext, withMaildir, writeList } from '../open-maildir.js';

const guid = 'c923050abc09056bcb26000083ecc375';

describe('changing a Maildir with a UID list', () => {
  it('records messages under the name their file has, flags and all', () =>
    withMaildir({}, async (store, user) => {
      const seen = await spooled(store, 'Subject: a\n\n', { uid: 3, hint: 'a', flags: new Set(['\\Seen', 'work']) });
      const unseen = await spooled(store, 'Subject: b\n\n', { uid: 4, hint: 'b' });
      await changeNow(store, 'INBOX', { deliver: [seen, unseen], uidNext: 9 });
      assert.deepEqual(user.files('INBOX'), ['cur/a:2,Sa', 'new/b']);
      const list = listOf(user, 'INBOX');
      assert.equal(list.headerUidNext, 9);
      assert.deepEqual(list.records, [
        { uid: 3, fields: '', name: 'a:2,Sa' },
        { uid: 4, fields: '', name: 'b' },
      ]);
      assert.equal(readFileSync(join(user.root, 'dovecot-keywords'), 'utf8'), '0 work\n');
      assert.deepEqual(readdirSync(join(user.root, 'tmp')), []);
      assert.ok(!existsSync(join(user.root, 'dovecot-uidlist.lock')));
    }));

  it('lets a message be called as elsewhere, by its name or by a GUID in the list', () =>
    withMaildir({}, async (store, user) => {
      const text = 'Subject: a\n\na\n';
      const hints = ['1.true,S=14,W=17', '1.false,S=15,W=18', '1.false,S=14,W=16', '../../evil', '1.twice', 'sp ace'];
      const deliver = [];
      for (const [index, hint] of hints.entries()) {
        deliver.push(
          await spooled(store, text, { uid: index + 1, hint, flags: new Set(['\\Seen']), receivedS: index }),
        );
      }
      const { troubles } = await changeNow(store, 'INBOX', { deliver });
      assert.deepEqual(troubles, []);
      const { records } = listOf(user, 'INBOX');
      const own = /^\d+\.M\d+P\d+Q\d+\.[^,]+,S=14,W=17:2,S$/;
      assert.deepEqual(records[0], { uid: 1, fields: '', name: '1.true,S=14,W=17:2,S' });
      for (const index of [1, 2, 3]) {
        assert.equal(records[index]?.fields, ` G${hints[index]}`);
        assert.match(records[index]?.name ?? '', own);
      }
      assert.deepEqual(records[4], { uid: 5, fields: '', name: '1.twice:2,S' });
      assert.equal(records[5]?.fields, '', 'what would end a field is not written');
      const refs = deliver.map(({ ref }) => ref);
      const { digests } = await digestsOf(store, 'INBOX', refs);
      assert.deepEqual(
        refs.slice(0, 5).map((ref) => digests.get(ref)?.hint),
        hints.slice(0, 5),
      );
      assert.deepEqual(user.files('INBOX').length, 6);
    }));

  it('keeps of the list what it does not understand, and records of messages that are gone', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/here,S=1:2,F', 'x');
      writeList(user, 'INBOX', `3 V5 N4 G${guid} Xfuture\n1 :gone:2,S\n2 S1 Pu1 Gg1 :here,S=1:2,\n3 :gone-too\n`);
      const renumber = [{ ref: 'here,S=1', uid: 8 }];
      assert.equal((await changeNow(store, 'INBOX', { renumber, uidNext: 9 })).outcome, 'done');
      const expected = `3 V5 N9 G${guid} Xfuture\n1 :gone:2,S\n3 :gone-too\n8 S1 Pu1 Gg1 :here,S=1:2,F\n`;
      assert.equal(listText(user, 'INBOX'), expected);
    }));

  it('drops the record of a message that is gone before its name comes back', () =>
    withMaildir({}, async (store, user) => {
      writeList(user, 'INBOX', `3 V5 N4 G${guid}\n1 :back:2,S\n3 :gone\n`);
      const back = await spooled(store, 'Subject: a\n\n', { uid: 4, hint: 'back' });
      await changeNow(store, 'INBOX', { deliver: [back] });
      assert.equal(listText(user, 'INBOX'), `3 V5 N5 G${guid}\n3 :gone\n4 :back\n`);
    }));

  it('understands records that were appended without raising N', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/a:2,', 'x');
      writeList(user, 'INBOX', `3 V5 N1 G${guid}\n7 :a\n`);
      assert.equal((await scanOf(store, 'INBOX')).uids?.uidNext, 8);
      await changeNow(store, 'INBOX', { deliver: [await spooled(store, 'Subject: b\n\n', { uid: 8, hint: 'b' })] });
      assert.equal(listText(user, 'INBOX'), `3 V5 N9 G${guid}\n7 :a\n8 :b\n`);
    }));

  it('wakes idle sessions by the directory when only the list changes, leaving no file', () =>
    withMaildir({}, async (store, user) => {
      const ref = user.deliver('INBOX', 'Subject: a\n\n', ['\\Seen']);
      await scanOf(store, 'INBOX');
      user.settle();
      const before = statSync(join(user.root, 'cur')).mtimeMs;
      await changeNow(store, 'INBOX', { renumber: [{ ref, uid: 5 }] });
      assert.notEqual(statSync(join(user.root, 'cur')).mtimeMs, before);
      assert.deepEqual(readdirSync(join(user.root, 'cur')), [`${ref}:2,S`]);
    }));

  it('adds keywords as a running Dovecot notices them, 26 at most', () =>
    withMaildir({}, async (store, user) => {
      const ref = user.deliver('INBOX', 'Subject: a\n\n');
      const path = join(user.root, 'dovecot-keywords');
      writeFileSync(path, '0 First\n2 Third\n');
      const inOneSecondS = Math.floor(Date.now() / 1000) + 1;
      utimesSync(path, inOneSecondS, inOneSecondS);
      await changeNow(store, 'INBOX', {
        setFlags: [{ ref, flags: new Set(['new', 'third']) }],
        spellings: new Map([['new', 'New']]),
      });
      assert.equal(readFileSync(path, 'utf8'), '0 First\n2 Third\n3 New\n');
      assert.ok(statSync(path).mtimeMs >= (inOneSecondS + 1) * 1000, 'a whole second past the old one');
      assert.deepEqual(user.files('INBOX'), [`cur/${ref}:2,cd`]);
      const many = Array.from({ length: 30 }, (_, index) => `k${index}`);
      const { unstorable } = await changeNow(store, 'INBOX', {
        setFlags: [{ ref, flags: new Set(['third', ...many]) }],
      });
      assert.deepEqual(unstorable, many.slice(22));
      assert.deepEqual(user.files('INBOX'), [`cur/${ref}:2,cefghijklmnopqrstuvwxyz`]);
    }));

  it('keeps letters and fields that are not its own', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/x:2,FPQSz,field=1,y', 'x');
      await scanOf(store, 'INBOX');
      await changeNow(store, 'INBOX', { setFlags: [{ ref: 'x', flags: new Set(['\\Draft']) }] });
      assert.deepEqual(user.files('INBOX'), ['cur/x:2,DPQz,field=1,y']);
    }));

  it('leaves new mail new, until it has flags', () =>
    withMaildir({}, async (store, user) => {
      const ref = user.deliver('INBOX', 'Subject: a\n\n');
      assert.equal((await scanOf(store, 'INBOX')).messages[0]?.uid, 1);
      await changeNow(store, 'INBOX', { renumber: [{ ref, uid: 2 }], setFlags: [{ ref: 'x', flags: new Set() }] });
      await changeNow(store, 'INBOX', { setFlags: [{ ref, flags: new Set() }] });
      assert.deepEqual(user.files('INBOX'), [`new/${ref}`]);
      await changeNow(store, 'INBOX', { setFlags: [{ ref, flags: new Set(['\\Seen']) }] });
      assert.deepEqual(user.files('INBOX'), [`cur/${ref}:2,S`]);
      await changeNow(store, 'INBOX', { setFlags: [{ ref, flags: new Set() }] });
      assert.deepEqual(user.files('INBOX'), [`cur/${ref}:2,`]);
    }));

  it('completes what was interrupted between the files and the list', () =>
    withMaildir({}, async (store, user) => {
      const one = await spooled(store, 'Subject: a\n\n', { uid: 5, hint: 'a', flags: new Set(['\\Seen']) });
      const two = await spooled(store, 'Subject: b\n\n', { uid: 6, hint: 'b' });
      const { uids } = await scanOf(store, 'INBOX');
      assert.ok(uids !== null);
      const before = listText(user, 'INBOX');
      const change = {
        expected: uids,
        uidValidity: uids.uidValidity,
        uidNext: 7,
        expunge: [],
        setFlags: [],
        renumber: [],
      };
      assert.equal((await store.change('INBOX', { ...change, deliver: [one] })).outcome, 'done');
      writeList(user, 'INBOX', before ?? ''); // as if it had never come to that
      assert.deepEqual(outcomeOf(await store.change('INBOX', { ...change, deliver: [one, two] })), {
        outcome: 'done',
        troubles: [],
        unstorable: [],
      });
      assert.deepEqual(user.files('INBOX'), ['cur/a:2,S', 'new/b']);
      assert.deepEqual(
        listOf(user, 'INBOX').records.map(({ uid, name }) => [uid, name]),
        [
          [5, 'a:2,S'],
          [6, 'b'],
        ],
      );
    }));

  it('links identical texts where the date agrees and the name is true, else copies', () =>
    withMaildir({}, async (store, user) => {
      const lf = user.deliver('INBOX', 'Subject: a\n\na\n', ['\\Seen'], 1000);
      const crlf = user.deliver('INBOX', 'Subject: a\r\n\r\na\r\n', ['\\Seen'], 1000);
      const inode = (mailbox: string, path: string) => statSync(join(user.directory(mailbox), path)).ino;
      const source = { lf: inode('INBOX', `cur/${lf}:2,S`), crlf: inode('INBOX', `cur/${crlf}:2,S`) };
      const wanted: [string, string, number, number | null][] = [
        [lf, 'x1,S=14,W=17', 1000, source.lf],
        [lf, 'x2,S=14,W=17', 1001, null],
        [crlf, 'x3,S=14,W=17', 1000, null],
        [crlf, 'x4', 1000, source.crlf],
      ];
      const deliver = [];
      for (const [index, [ref, hint, receivedS]] of wanted.entries()) {
        const text = { mailbox: 'INBOX', ref };
        deliver.push(
          await spooled(store, 'Subject: a\n\na\n', {
            uid: index + 1,
            hint,
            receivedS,
            text,
            flags: new Set(['\\Flagged']),
          }),
        );
      }
      assert.deepEqual((await changeNow(store, 'copies', { deliver })).troubles, []);
      for (const [, hint, receivedS, linkedTo] of wanted) {
        const found = statSync(join(user.directory('copies'), `cur/${hint}:2,F`));
        assert.equal(found.mtimeMs, receivedS * 1000, hint);
        assert.equal(found.ino === source.lf || found.ino === source.crlf, linkedTo !== null, hint);
        if (linkedTo !== null) assert.equal(found.ino, linkedTo);
        else assert.equal(found.size, 14, 'copies are written with LF, as the name says');
      }
    }));

  it('does not deliver a text that a crash left incomplete in the spool', () =>
    withMaildir({}, async (store, user) => {
      const text = Buffer.from('Subject: a\n\na\n');
      const name = join(user.root, 'tmp', `mrepl.${guidOfCanonical(text)}`);
      const one = await spooled(store, text.toString(), { uid: 1, hint: 'a' });
      await store.spool.drop(new Set());
      const later = await openTested(`maildir:${user.root}`, storeContext);
      writeFileSync(name, text.subarray(0, 8));
      const failed = await changeNow(later, 'INBOX', { deliver: [one] });
      assert.deepEqual(
        failed.troubles.map(({ subject }) => subject),
        ['a'],
      );
      assert.deepEqual(user.files('INBOX'), []);
      writeFileSync(name, text);
      await changeNow(later, 'INBOX', { deliver: [{ ...one, uid: 2 }], uidNext: 3 });
      assert.deepEqual(user.files('INBOX'), ['new/a']);
      await later.close();
    }));

  it('never writes into a spooled file that became a message', () =>
    withMaildir({}, async (store, user) => {
      const text = Buffer.from('Subject: a\n\na\n');
      const guidOfText = guidOfCanonical(text);
      user.put('INBOX', 'cur/a:2,', 'something else');
      linkSync(join(user.root, 'cur/a:2,'), join(user.root, 'tmp', `mrepl.${guidOfText}`));
      await store.spool.put(guidOfText, text);
      assert.equal(readFileSync(join(user.root, 'cur/a:2,'), 'utf8'), 'something else');
      assert.equal(readFileSync(join(user.root, 'tmp', `mrepl.${guidOfText}`), 'utf8'), text.toString());
    }));
});

describe('changing a mailbox that Dovecot has not numbered yet, or not any more', () => {
  it('lays down the UIDs of all its messages', () =>
    withMaildir({}, async (store, user) => {
      for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(user.root, '.lost', name), { recursive: true });
      const refs = [user.deliver('lost', 'Subject: a\n\n'), user.deliver('lost', 'Subject: b\n\n', ['\\Seen'])];
      const scan = await scanOf(store, 'lost');
      assert.equal(scan.uids, null);
      assert.deepEqual(scan.uidsWanted, { above: 0 });
      const change = { expected: null, uidValidity: 9, uidNext: 20, expunge: [], setFlags: [], deliver: [] };
      const renumber = refs.map((ref, index) => ({ ref, uid: 10 + index }));
      assert.equal((await store.change('lost', { ...change, renumber: renumber.slice(1) })).outcome, 'done');
      assert.equal(listText(user, 'lost'), null, 'not while one message would be left without');
      assert.equal((await store.change('lost', { ...change, renumber })).outcome, 'done');
      assert.match(listText(user, 'lost') ?? '', /^3 V9 N20 G[0-9a-f]{32}\n10 :.*\n11 :.*:2,S\n$/);
      assert.equal((await store.change('lost', { ...change, renumber })).outcome, 'moved');
    }));

  it('is not wanted where no mailbox has a list', () =>
    withMaildir({ uidLists: false }, async (store) => {
      assert.equal((await scanOf(store, 'INBOX')).uidsWanted, undefined);
    }));
});
