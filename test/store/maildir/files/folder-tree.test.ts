import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Failure } from '../../../../src/failure.js';
import { changeNow, going, openTested, scanOf, spooled } from '../../store-under-test.js';
import { storeContext, withMaildir } from '../open-maildir.js';

const names = (listing: { mailboxes: readonly { name: string }[] }) => listing.mailboxes.map(({ name }) => name).sort();

function makeFolders(root: string, folders: readonly string[]): void {
  for (const folder of folders) {
    for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, name), { recursive: true });
  }
}

async function refused(spec: string): Promise<Failure> {
  try {
    await openTested(spec, storeContext);
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error;
  }
  throw new Error(`${spec} was opened`);
}

describe('the mailboxes of a Maildir', () => {
  it('are those Dovecot shows, of a Maildir++', () =>
    withMaildir({}, async (store, user) => {
      makeFolders(user.root, [
        '.A.B',
        '.K&APY-ln',
        '.cur',
        '.INBOX.foo',
        '..DOVECOT-TRASHED',
        'nodot',
        '.INBOX',
        '.a..b',
        '.&AC8-',
      ]);
      for (const none of ['.notmuch/xapian', '.empty', '.only/below/cur', 'lost+found']) {
        mkdirSync(join(user.root, none), { recursive: true });
      }
      writeFileSync(join(user.root, '.mbsyncstate'), '');
      symlinkSync(join(user.root, '.A.B'), join(user.root, '.alias'));
      symlinkSync(join(user.root, '.circle'), join(user.root, '.circle'));
      const listing = await store.list();
      assert.deepEqual(names(listing), ['A/B', 'INBOX', 'INBOX/foo', 'Köln', 'cur']);
      assert.deepEqual(
        listing.troubles.map(({ subject }) => subject).sort(),
        ['.&AC8-', '.INBOX', '.a..b', join(user.root, 'nodot'), 'circle'].sort(),
      );
    }));

  for (const [layout, folder] of [
    ['maildir++', '.B\xfcro'],
    ['fs', 'B\xfcro'],
    ['fs', 'below/B\xfcro/this'],
  ] as const) {
    it(`are left out with a word where the name of a directory is not text: ${JSON.stringify(folder)}`, () =>
      withMaildir({ layout }, async (store, user) => {
        const at = (part: string) => Buffer.from(`${user.root}/${folder}${part}`, 'latin1');
        mkdirSync(at(''), { recursive: true });
        assert.deepEqual((await store.list()).troubles, [], 'while it is no mailbox');
        for (const part of ['/cur', '/new', '/tmp']) mkdirSync(at(part));
        const { mailboxes, troubles } = await store.list();
        assert.deepEqual([mailboxes.length, troubles.length], [1, 1]);
        assert.match(
          troubles[0]?.failure.message ?? '',
          /B\\xfcro is left out: its directory name is not valid UTF-8$/,
        );
        assert.ok(existsSync(at('/cur')));
      }));
  }

  it('are those Dovecot shows, of an fs layout', () =>
    withMaildir({ layout: 'fs' }, async (store, user) => {
      makeFolders(user.root, ['A/B.c', 'A', '.foo', 'only/below/here', 'K&APY-ln']);
      symlinkSync(user.root, join(user.root, 'A', 'circle'));
      assert.deepEqual(names(await store.list()), ['.foo', 'A', 'A/B.c', 'INBOX', 'Köln', 'only/below/here']);
      const one = await spooled(store, 'Subject: a\n\n', { hint: 'a' });
      await changeNow(store, 'only/below', { deliver: [one] });
      assert.deepEqual(user.files('only/below'), ['new/a']);
      await changeNow(store, 'only/below', { expunge: going('a') });
      assert.equal(await store.removeMailbox('only/below'), true);
      assert.deepEqual(readdirSync(join(user.root, 'only/below')), ['here']);
      assert.equal(await store.removeMailbox('only/below/here'), true);
      assert.ok(!existsSync(join(user.root, 'only')), 'nothing is left of directories that only led there');
    }));

  it('have one name however their directory is spelled, and stay where they are', () =>
    withMaildir({ settings: ':UTF-8' }, async (store, user) => {
      const decomposed = '.Ko\u0308ln';
      makeFolders(user.root, [decomposed]);
      writeFileSync(join(user.root, decomposed, 'cur/a:2,S'), 'Subject: a\n\n');
      assert.deepEqual(names(await store.list()), ['INBOX', 'Köln']);
      assert.equal((await scanOf(store, 'Köln')).messages.length, 1);
      makeFolders(user.root, ['.Köln']);
      const listing = await store.list();
      assert.deepEqual(names(listing), ['INBOX', 'Köln']);
      assert.deepEqual(
        listing.troubles.map(({ subject }) => subject),
        [decomposed],
      );
      assert.equal((await scanOf(store, 'Köln')).messages.length, 0, 'the usual spelling wins');
    }));

  for (const layout of ['maildir++', 'fs'] as const) {
    it(`of shortened names are found as long as somebody knows these, in ${layout}`, () =>
      withMaildir({ layout }, async (store, user) => {
        const name = `${'ö'.repeat(300)}/below`;
        await changeNow(store, name, { deliver: [await spooled(store, 'Subject: a\n\n', { hint: 'a' })] });
        const files = readdirSync(user.root, { recursive: true }).filter((path) =>
          String(path).endsWith('.mrepl-name'),
        );
        assert.equal(files.length, 1);
        rmSync(join(user.root, String(files[0])));
        const listing = await store.list();
        assert.deepEqual(names(listing), ['INBOX']);
        assert.match(
          listing.troubles[0]?.failure.message ?? '',
          /is left out: its name is shortened, and .*\.mrepl-name/,
        );
        assert.equal((await scanOf(store, name)).messages.length, 1, 'whoever knows its name finds it');
        await changeNow(store, name, { setFlags: [{ ref: 'a', flags: new Set(['\\Seen']) }] });
        assert.deepEqual(names(await store.list()), ['INBOX', name]);
        assert.deepEqual((await store.list()).troubles, []);
      }));
  }

  it('are escaped as they are by Dovecot or not, as it was said', async () => {
    const root = mkdtempSync(join(tmpdir(), 'mrepl-escaped-'));
    try {
      makeFolders(root, ['', '.a\\2eb']);
      for (const [settings, name] of [
        ['', 'a.b'],
        [':LISTESCAPE', 'a.b'],
        [':LISTESCAPE=no', 'a\\2eb'],
      ]) {
        const store = await openTested(`maildir:${root}${settings}`, storeContext);
        assert.deepEqual(names(await store.list()), ['INBOX', name]);
        assert.equal(store.description, `maildir:${root}${settings}`);
        await store.close();
      }
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('may have their lists and indexes elsewhere, the inbox as .INBOX there', () =>
    withMaildir({ uidLists: false, settings: ':CONTROL=ROOT/../CONTROL-OF-TEST:INDEX=ROOT/idx' }, async (_, user) => {
      const control = mkdtempSync(join(tmpdir(), 'mrepl-control-'));
      try {
        const store = await openTested(`maildir:${user.root}:CONTROL=${control}:INDEX=${control}/idx`, storeContext);
        mkdirSync(join(control, '.INBOX'));
        writeFileSync(join(control, '.INBOX', 'dovecot-uidlist'), '3 V5 N1 G00000000000000000000000000000001\n');
        user.deliver('INBOX', 'Subject: a\n\n');
        assert.equal((await scanOf(store, 'INBOX')).messages[0]?.uid, 1);
        const one = await spooled(store, 'Subject: b\n\n', { uid: 3, hint: 'b' });
        await changeNow(store, 'A/B', { deliver: [one], uidValidity: 8 });
        await store.subscribe('A/B', true);
        assert.match(readFileSync(join(control, '.A.B', 'dovecot-uidlist'), 'utf8'), /^3 V8 N4 G.*\n3 :b\n$/);
        assert.equal(readFileSync(join(control, 'subscriptions'), 'utf8'), 'V\t2\n\nA\tB\n');
        mkdirSync(join(control, 'idx', '.A.B'), { recursive: true });
        writeFileSync(join(control, 'idx', '.A.B', 'dovecot.index.log'), '');
        await changeNow(store, 'A/B', { expunge: going('b') });
        assert.equal(await store.removeMailbox('A/B'), true);
        for (const path of [join(control, '.A.B'), join(control, 'idx', '.A.B'), user.directory('A/B')]) {
          assert.ok(!existsSync(path), path);
        }
        await store.close();
      } finally {
        rmSync(control, { recursive: true });
      }
    }));

  it('are removed with what mail programs kept beside them, but not with what they did not', () =>
    withMaildir({}, async (store, user) => {
      user.create('a');
      user.create('b');
      for (const name of ['a', 'b']) {
        mkdirSync(join(user.directory(name), 'courierimapkeywords'));
        writeFileSync(join(user.directory(name), 'courierimapkeywords', ':list'), '');
      }
      for (const name of [
        ...['dovecot.index.log', 'dovecot.index.cache', 'dovecot-keywords', 'maildirsize', 'courierimapuiddb'],
        ...['courierimapacl', '.uidvalidity', '.mbsyncstate', '.mbsyncstate.journal', '.isyncuidmap.db'],
      ]) {
        writeFileSync(join(user.directory('a'), name), '');
        writeFileSync(join(user.directory('b'), name), '');
      }
      writeFileSync(join(user.directory('b'), 'notes.txt'), 'mine');
      writeFileSync(join(user.directory('b'), 'tmp', 'arriving'), '');
      assert.equal(await store.removeMailbox('a'), true);
      assert.equal(await store.removeMailbox('b'), true);
      assert.ok(!existsSync(user.directory('a')));
      assert.deepEqual(readdirSync(user.directory('b')), ['notes.txt']);
      assert.deepEqual(names(await store.list()), ['INBOX']);
      assert.deepEqual((await store.list()).troubles, []);
    }));

  it('keep their first version of subscriptions', () =>
    withMaildir({}, async (store, user) => {
      makeFolders(user.root, ['.A.B', '.C']);
      writeFileSync(join(user.root, 'subscriptions'), 'C\nGone\n');
      await store.subscribe('A/B', true);
      await store.subscribe('C', false);
      assert.equal(readFileSync(join(user.root, 'subscriptions'), 'utf8'), 'Gone\nA.B\n');
      assert.deepEqual(
        readdirSync(user.root).filter((name) => name.endsWith('.lock')),
        [],
      );
    }));
});

describe('opening a store', () => {
  it('says what is wrong with it', async () => {
    const root = mkdtempSync(join(tmpdir(), 'mrepl-open-'));
    try {
      assert.equal((await refused(`maildir:${root}/nothing`)).code, 'store-absent');
      const empty = await refused(`maildir:${root}`);
      assert.equal(empty.code, 'store-absent');
      assert.match(empty.message, /no directory "cur"/);
      writeFileSync(join(root, 'file'), '');
      assert.match((await refused(`${root}/file`)).message, /not a directory/);
      assert.equal((await refused('imap:example.org')).code, 'usage');
      assert.equal((await refused('maildir:/tmp:WHAT')).code, 'usage');
      makeFolders(root, ['A/B']);
      assert.match((await refused(`maildir:${root}`)).message, /LAYOUT=fs/);
      const store = await openTested(`maildir:${root}:LAYOUT=fs`, storeContext);
      assert.deepEqual(names(await store.list()), ['A/B']);
      makeFolders(root, ['.legal']);
      assert.deepEqual(names(await store.list()), ['.legal', 'A/B'], 'as Dovecot has it');
      writeFileSync(join(root, '.legal/maildirfolder'), '');
      assert.match(
        (await refused(`maildir:${root}:LAYOUT=fs`)).message,
        /looks like Maildir\+\+.*: write maildir:[^:]*$/,
      );
      rmSync(join(root, '.legal/maildirfolder'));
      rmSync(join(root, 'A'), { recursive: true });
      const dotted = await refused(`maildir:${root}:LAYOUT=fs`);
      assert.match(dotted.message, /looks like Maildir\+\+/);
      assert.match(dotted.hint ?? '', /make one whose name does not, such as Archive/);
      makeFolders(root, ['Archive']);
      assert.deepEqual(names(await store.list()), ['.legal', 'Archive'], 'what the hint says helps');
      rmSync(join(root, 'Archive'), { recursive: true });
      assert.equal(await store.scan('INBOX', { known: null, assignUids: true }), null);
      rmSync(root, { recursive: true });
      await assert.rejects(store.list(), (error) => error instanceof Failure && error.code === 'store-absent');
      await store.close();
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('takes ~ for the home directory it is given', () =>
    withMaildir({}, async (_, user) => {
      const store = await openTested('~', { ...storeContext, home: user.root });
      assert.deepEqual(names(await store.list()), ['INBOX']);
      await store.close();
    }));
});
