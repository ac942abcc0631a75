import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { changeNow, scanOf, spooled } from '../../store-under-test.js';
import { withMaildir } from '../open-maildir.js';

const text = 'Subject: a\n\na\n';

/** As a program of its user does now and then; in what follows everything in `tmp` is old. */
const clean = 'import mailbox, sys; mailbox.Maildir(sys.argv[1], create=False).clean()';

describe('what mrepl keeps beside the mail', () => {
  for (const layout of ['maildir++', 'fs'] as const) {
    it(`survives Python's mailbox.Maildir.clean(), and lets it do its work, in ${layout}`, () =>
      withMaildir({ layout }, async (store, user) => {
        const ref = user.deliver('INBOX', text);
        user.put('INBOX', 'cur/b:2,', 'damaged');
        await scanOf(store, 'INBOX');
        const { guid } = await spooled(store, text);
        await store.replaceText('INBOX', { ref: 'b', guid, text: 'spool', file: null });
        await changeNow(store, 'INBOX', { expunge: [{ ref, guid }] });
        writeFileSync(join(user.root, 'tmp', 'forgotten'), 'x');
        for (const name of readdirSync(join(user.root, 'tmp'))) utimesSync(join(user.root, 'tmp', name), 1, 1);
        execFileSync('python3', ['-c', clean, user.root], { stdio: 'pipe' });
        assert.deepEqual(readdirSync(join(user.root, 'tmp')), []);
        assert.deepEqual([...(await store.trash.guids())], [guid]);
        assert.deepEqual([...(await store.trash.setAside())], [guid]);
        assert.deepEqual(user.files('INBOX'), ['cur/b:2,']);
        assert.deepEqual((await scanOf(store, 'INBOX')).troubles, []);
        assert.deepEqual(
          (await store.list()).mailboxes.map(({ name }) => name),
          ['INBOX'],
        );
      }));
  }

  it('is found where an earlier version put it, and moved', () =>
    withMaildir({}, async (store, user) => {
      const { guid } = await spooled(store, text);
      const other = 'f'.repeat(64);
      for (const [name, file] of [
        ['mrepl-trash', guid],
        ['mrepl-trash', other],
        ['mrepl-damaged', `${guid}.2`],
      ] as const) {
        mkdirSync(join(user.root, 'tmp', name), { recursive: true });
        writeFileSync(join(user.root, 'tmp', name, file), text);
      }
      assert.deepEqual([...(await store.trash.guids())].sort(), [guid, other].sort());
      assert.equal((await store.trash.beginning(guid, 7))?.toString(), 'Subject');
      assert.equal((await store.trash.copyToSpool(guid)).sizeBytes, text.length);
      await store.spool.drop(new Set());
      assert.deepEqual(readdirSync(join(user.root, 'tmp')), []);
      assert.deepEqual([...(await store.trash.guids())].sort(), [guid, other].sort());
      assert.deepEqual([...(await store.trash.setAside())], [`${guid}.2`]);
      assert.equal(readFileSync(join(user.root, 'cur/.mrepl/tmp/trash', guid), 'utf8'), text);
      await store.trash.drop(new Set());
      assert.deepEqual([...(await store.trash.guids())], []);
    }));

  it('does not lie where it would be counted while somebody keeps a quota', () =>
    withMaildir({}, async (store, user) => {
      const { guid } = await spooled(store, text);
      const expunge = async (): Promise<void> => {
        const ref = user.deliver('INBOX', text);
        await changeNow(store, 'INBOX', { expunge: [{ ref, guid }] });
      };
      await expunge();
      writeFileSync(join(user.root, 'maildirsize'), '100S\n');
      assert.deepEqual([...(await store.trash.guids())], [guid]);
      await store.spool.drop(new Set());
      assert.deepEqual(readdirSync(join(user.root, 'cur')), []);
      assert.deepEqual([...(await store.trash.guids())], [guid]);
      rmSync(join(user.root, 'maildirsize'));
      await expunge();
      assert.deepEqual(readdirSync(join(user.root, 'tmp')), []);
      assert.deepEqual([...(await store.trash.guids())], [guid]);
    }));

  it('lies in tmp where the store has no inbox', () =>
    withMaildir({ layout: 'fs' }, async (store, user) => {
      user.deliver('Sub', text);
      for (const part of ['cur', 'new', 'dovecot-uidlist']) rmSync(join(user.root, part), { recursive: true });
      const { messages } = await scanOf(store, 'Sub');
      const { guid } = await spooled(store, text);
      await changeNow(store, 'Sub', { expunge: messages.map(({ ref }) => ({ ref, guid })) });
      assert.deepEqual([...(await store.trash.guids())], [guid]);
      assert.deepEqual(readdirSync(user.root).sort(), ['Sub', 'tmp'], 'it is made no mailbox');
    }));
});
