import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { changeNow, scanOf, spooled } from '../../store-under-test.js';
import { listText, withMaildir, writeList } from '../open-maildir.js';

const text = (name: string): string => `Subject: ${name}\n\n`;
const seen = new Set(['\\Seen']);
const flagged = new Set(['\\Flagged', '\\Seen']);

describe('flags behind another delimiter than the colon', () => {
  it('are shown, and each file keeps its own when they change', () =>
    withMaildir({ uidLists: false }, async (store, user) => {
      for (const name of ['a:2,S', 'b;2,S', 'c!2,S', 'd;2,', 'e']) user.put('INBOX', `cur/${name}`, text(name));
      const { messages } = await scanOf(store, 'INBOX');
      const shown = new Map(messages.map(({ ref, flags }) => [ref, [...flags].join()]));
      assert.deepEqual([...shown].sort(), [
        ['a', '\\Seen'],
        ['b', '\\Seen'],
        ['c', '\\Seen'],
        ['d', ''],
        ['e', ''],
      ]);
      const setFlags = messages.map(({ ref }) => ({ ref, flags: flagged }));
      await changeNow(store, 'INBOX', { setFlags });
      assert.deepEqual(user.files('INBOX'), ['cur/a:2,FS', 'cur/b;2,FS', 'cur/c!2,FS', 'cur/d;2,FS', 'cur/e;2,FS']);
      assert.equal((await changeNow(store, 'INBOX', { setFlags: [{ ref: 'c', flags: new Set() }] })).outcome, 'done');
      assert.ok(user.files('INBOX').includes('cur/c!2,'));
    }));

  it('are what mail is delivered with where the mailbox, or else the store, has them', () =>
    withMaildir({ uidLists: false }, async (store, user) => {
      user.put('INBOX', 'cur/a!2,S', text('a'));
      const one = await spooled(store, text('b'), { hint: 'b', flags: seen });
      await changeNow(store, 'INBOX', { deliver: [one] });
      const other = await spooled(store, text('c'), { hint: 'c', flags: seen });
      const unread = await spooled(store, text('d'), { hint: 'd', uid: 2 });
      await changeNow(store, 'Work', { deliver: [other, unread] });
      assert.deepEqual(user.files('INBOX'), ['cur/a!2,S', 'cur/b!2,S']);
      assert.deepEqual(user.files('Work'), ['cur/c!2,S', 'new/d']);
    }));

  it('are not where nobody has said anything of them: a colon is', () =>
    withMaildir({ uidLists: false }, async (store, user) => {
      user.deliver('INBOX', text('a'));
      const one = await spooled(store, text('b'), { hint: 'b', flags: seen });
      await changeNow(store, 'INBOX', { deliver: [one] });
      assert.ok(user.files('INBOX').includes('cur/b:2,S'));
    }));

  it('are part of the name where a Dovecot serves the store, and in the directory "new"', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/a;2,S', text('a'));
      writeList(user, 'INBOX', `${(listText(user, 'INBOX') ?? '').replace('N1', 'N2')}1 :a;2,S\n`);
      const { messages } = await scanOf(store, 'INBOX');
      assert.deepEqual(
        messages.map(({ ref, uid, flags }) => [ref, uid, flags.size]),
        [['a;2,S', 1, 0]],
      );
      await changeNow(store, 'INBOX', { setFlags: [{ ref: 'a;2,S', flags: flagged }] });
      assert.deepEqual(user.files('INBOX'), ['cur/a;2,S:2,FS']);
    }));

  it('belong to no name that mail is delivered under', () =>
    withMaildir({ uidLists: false }, async (store, user) => {
      for (const hint of ['a;2,S', 'a!2,', 'b;2,FS']) {
        const { ref } = await spooled(store, text(hint), { hint });
        assert.notEqual(ref, hint);
      }
      const { ref } = await spooled(store, text('c'), { hint: 'c;1!x' });
      assert.equal(ref, 'c;1!x');
      writeFileSync(join(user.root, 'new', 'x;2,S'), text('x'));
      assert.deepEqual(
        (await scanOf(store, 'INBOX')).messages.map((message) => [message.ref, message.flags.size]),
        [['x;2,S', 0]],
      );
    }));

  it('make two files of one base name a duplicate, whose names are set apart', () =>
    withMaildir({ uidLists: false }, async (store, user) => {
      user.put('INBOX', 'cur/a:2,S', text('a'));
      user.put('INBOX', 'cur/a;2,F', text('b'));
      const { messages } = await scanOf(store, 'INBOX');
      assert.equal(messages.length, 2);
      assert.deepEqual(
        user.files('INBOX').map((path) => path.slice(-4)),
        [':2,S', ';2,F'],
      );
    }));
});
