import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { wireSize } from '../../../src/mail/text/canonical-text.js';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { changeNow, scanOf, spooled } from '../store-under-test.js';
import { withMaildir } from './open-maildir.js';

const text = `Subject: packed\n\n${'A line of it.\n'.repeat(100)}`;
const guid = guidOfCanonical(Buffer.from(text));
const sizes = `S=${text.length},W=${wireSize(Buffer.from(text))}`;

describe('packed message files of a Maildir', () => {
  for (const hint of ['a', `a,${sizes}`, `a,S=${text.length}`, `a,S=${gzipSync(text).length},W=5000`]) {
    it(`a copy is plain under a name that says its sizes or none: ${hint}`, () =>
      withMaildir({}, async (store, user) => {
        user.put('INBOX', 'cur/source:2,S', gzipSync(text));
        await scanOf(store, 'INBOX');
        const ref = store.chooseRef(hint, new Set(), { guid, sizeBytes: text.length });
        const deliver = [
          {
            ref,
            uid: 3,
            guid,
            flags: new Set(['\\Seen']),
            receivedS: 1_600_000_000,
            hint,
            text: { mailbox: 'INBOX', ref: 'source' },
          },
        ];
        const outcome = await changeNow(store, 'Work', { uidNext: 4, deliver });
        assert.deepEqual([outcome.outcome, outcome.troubles], ['done', []]);
        const [path = ''] = user.files('Work');
        const file = join(user.directory('Work'), path);
        assert.equal(readFileSync(file, 'utf8'), text);
        assert.equal(statSync(file).nlink, 1);
        const claimed = /,S=(\d+)/.exec(path)?.[1];
        assert.ok(claimed === undefined || Number(claimed) === text.length, path);
        const wire = /,W=(\d+)/.exec(path)?.[1];
        assert.ok(wire === undefined || Number(wire) === wireSize(Buffer.from(text)), path);
        assert.deepEqual(gunzipSync(readFileSync(join(user.root, 'cur', 'source:2,S'))), Buffer.from(text));
        assert.deepEqual(readdirSync(join(user.root, 'tmp')), []);
      }));
  }

  it('a copy of what cannot be unpacked any more is trouble with that message alone', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/source:2,S', gzipSync(text).subarray(0, 30));
      await scanOf(store, 'INBOX');
      const common = { guid, flags: new Set<string>(), receivedS: 1_600_000_000 };
      const { outcome, troubles } = await changeNow(store, 'Work', {
        uidNext: 5,
        deliver: [
          { ...common, ref: 'bad', hint: 'bad', uid: 3, text: { mailbox: 'INBOX', ref: 'source' } },
          await spooled(store, 'Subject: good\n\n', {
            ...common,
            guid: guidOfCanonical(Buffer.from('Subject: good\n\n')),
            uid: 4,
          }),
        ],
      });
      assert.equal(outcome, 'done');
      assert.deepEqual(
        troubles.map(({ subject, failure }) => [subject, failure.code]),
        [['bad', 'not-taken']],
      );
      assert.equal(user.files('Work').length, 1);
    }));

  it('one that was altered gets a name with the sizes of its text', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', `cur/a,S=1,W=1:2,S`, gzipSync(text));
      await scanOf(store, 'INBOX');
      const named = await store.nameApart('INBOX', 'a,S=1,W=1');
      assert.ok(named !== null);
      assert.equal(await store.setApart('INBOX', { ...named, ref: 'a,S=1,W=1', receivedS: 1_600_000_000 }), true);
      const [path = ''] = user.files('INBOX');
      assert.ok(path.includes(`,${sizes}:2,S`), path);
    }));

  it('a broken one is replaced by its text, plain, with the lines that its name speaks of', () =>
    withMaildir({}, async (store, user) => {
      const name = `a,${sizes}`;
      user.put('INBOX', `cur/${name}:2,S`, gzipSync(text).subarray(0, 40));
      await scanOf(store, 'INBOX');
      await spooled(store, text);
      assert.equal(await store.replaceText('INBOX', { ref: name, guid, text: 'spool', file: null }), 'done');
      assert.equal(readFileSync(join(user.root, 'cur', `${name}:2,S`), 'utf8'), text);
    }));

  it('a damaged one is replaced from a packed copy', () =>
    withMaildir({}, async (store, user) => {
      user.put('INBOX', 'cur/a:2,S', 'damaged');
      user.put('INBOX', 'cur/b:2,S', gzipSync(text));
      await scanOf(store, 'INBOX');
      const copy = { mailbox: 'INBOX', ref: 'b' };
      assert.equal(await store.replaceText('INBOX', { ref: 'a', guid, text: copy, file: null }), 'done');
      assert.equal(readFileSync(join(user.root, 'cur', 'a:2,S'), 'utf8'), text);
    }));
});
