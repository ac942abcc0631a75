import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { canonicalText } from '../../../../src/mail/text/canonical-text.js';
import { guidOfCanonical } from '../../../../src/mail/text/text-guid.js';
import { scanOf, spooled } from '../../store-under-test.js';
import { listText, withMaildir } from '../open-maildir.js';

const text = 'Subject: a\n\nThe body.\n';
const wire = text.replaceAll('\n', '\r\n');
const guid = guidOfCanonical(Buffer.from(text));

describe('replacing a damaged file of a Maildir', () => {
  for (const [what, name, damaged, expected] of [
    ['LF, as the name says', `a,S=${text.length},W=${wire.length}`, 'x\r\n', text],
    ['CRLF, as the name says', `a,S=${wire.length},W=${wire.length}`, '', wire],
    ['CRLF, as in what is left of it', 'a', 'Subject: a\r\n\r\nThe', wire],
    ['LF where nothing tells', 'a', '', text],
  ] as const) {
    it(`writes the lines as they were: ${what}`, () =>
      withMaildir({}, async (store, user) => {
        user.put('INBOX', `cur/${name}:2,FS`, damaged);
        const path = join(user.root, 'cur', `${name}:2,FS`);
        await scanOf(store, 'INBOX');
        await spooled(store, text);
        const list = listText(user, 'INBOX');
        assert.equal(await store.replaceText('INBOX', { ref: name, guid, text: 'spool', file: null }), 'done');
        assert.equal(readFileSync(path, 'utf8'), expected);
        assert.equal(guidOfCanonical(canonicalText(readFileSync(path))), guid);
        assert.equal(listText(user, 'INBOX'), list);
        const aside = join(user.root, 'cur/.mrepl/tmp/damaged');
        assert.deepEqual(readdirSync(aside), [guid]);
        assert.equal(readFileSync(join(aside, guid), 'utf8'), damaged);
        assert.deepEqual(user.files('INBOX'), [`cur/${name}:2,FS`]);
        assert.deepEqual(readdirSync(join(user.root, 'tmp')).sort(), [`mrepl.${guid}`]);
      }));
  }

  it('finds the file where somebody has renamed it meanwhile, and keeps its date', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'new/a', 'damaged');
      await scanOf(store, 'INBOX');
      await spooled(store, text);
      const path = join(user.root, 'cur', 'a:2,S');
      renameSync(join(user.root, 'new', 'a'), path);
      utimesSync(path, 1_234_567_890, 1_234_567_890);
      assert.equal(await store.replaceText('INBOX', { ref: 'a', guid, text: 'spool', file: null }), 'done');
      assert.deepEqual(user.files('INBOX'), ['cur/a:2,S']);
      assert.equal(statSync(path).mtimeMs, 1_234_567_890_000);
    }));

  it('names what it has put aside, and removes what is named', () =>
    withMaildir({}, async (store, user) => {
      assert.deepEqual([...(await store.trash.setAside())], []);
      user.put('INBOX', 'cur/a:2,', 'damaged');
      await scanOf(store, 'INBOX');
      await spooled(store, text);
      for (const damaged of ['first', 'second']) {
        writeFileSync(join(user.root, 'cur', 'a:2,'), damaged);
        await store.replaceText('INBOX', { ref: 'a', guid, text: 'spool', file: null });
      }
      assert.deepEqual([...(await store.trash.setAside())].sort(), [guid, `${guid}.2`]);
      await store.trash.dropSetAside(new Set([guid, 'nothing']));
      assert.deepEqual([...(await store.trash.setAside())], [`${guid}.2`]);
      await store.trash.dropSetAside(new Set([`${guid}.2`]));
      assert.ok(!existsSync(join(user.root, 'cur/.mrepl/tmp/damaged')));
    }));

  it('keeps each file that it replaced, and never writes into one that others share', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/a:2,', 'damaged');
      const path = join(user.root, 'cur', 'a:2,');
      await scanOf(store, 'INBOX');
      await spooled(store, text);
      for (const damaged of ['first', 'second']) {
        writeFileSync(path, damaged);
        assert.equal(await store.replaceText('INBOX', { ref: 'a', guid, text: 'spool', file: null }), 'done');
        assert.equal(statSync(path).nlink, 1);
      }
      const aside = join(user.root, 'cur/.mrepl/tmp/damaged');
      const kept = readdirSync(aside).sort();
      assert.deepEqual(kept, [guid, `${guid}.2`]);
      assert.deepEqual(
        kept.map((name) => readFileSync(join(aside, name), 'utf8')),
        ['first', 'second'],
      );
    }));
});
