import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Failure } from '../../../../src/failure.js';
import { guidOfCanonical } from '../../../../src/mail/text/text-guid.js';
import { changeNow, openTested, outcomeOf, scanOf, spooled, type TestedStore } from '../../store-under-test.js';
import { type MaildirUser, makeMaildir } from '../maildir-user.js';
import { storeContext } from '../open-maildir.js';

/** A directory on another file system than that of temporary files; undefined where this machine has none. */
const elsewhere = ['/dev/shm', '/var/tmp', '/run/user', '/tmp'].find((path) => {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.dev !== statSync(tmpdir()).dev;
});

/** More than is copied in one piece. */
const large = Buffer.concat([Buffer.from('Subject: large\n\n'), Buffer.alloc(9 << 20, 'mail\n')]);

/** A Maildir of which the folder `big` was moved to another disk, with a link in its place; and what ends its runs. */
async function withFolderElsewhere(
  body: (store: TestedStore, user: MaildirUser, controller: AbortController) => Promise<void>,
): Promise<void> {
  const user = makeMaildir('maildir++', { uidLists: true });
  const disk = mkdtempSync(join(elsewhere ?? '', 'mrepl-disk-'));
  try {
    for (const name of ['INBOX', 'big']) user.create(name);
    const folder = user.directory('big');
    cpSync(folder, disk, { recursive: true });
    rmSync(folder, { recursive: true });
    symlinkSync(disk, folder);
    const controller = new AbortController();
    const store = await openTested(`maildir:${user.root}`, { ...storeContext, signal: controller.signal });
    try {
      await body(store, user, controller);
    } finally {
      await store.close();
    }
  } finally {
    user.clear();
    rmSync(disk, { recursive: true });
  }
}

describe('a folder on another disk', { skip: elsewhere === undefined }, () => {
  it('has its expunged mail copied to the trash, and an interruption of that loses nothing', () =>
    withFolderElsewhere(async (store, user, controller) => {
      const ref = user.deliver('big', large, ['\\Seen']);
      const guid = guidOfCanonical(large);
      await scanOf(store, 'big');
      const expunging = changeNow(store, 'big', { expunge: [{ ref, guid }] });
      const stopped = new Failure('interrupted', 'stopped');
      controller.abort(stopped);
      await assert.rejects(expunging, stopped);
      assert.deepEqual(user.files('big'), [`cur/${ref}:2,S`]);
      const again = await openTested(`maildir:${user.root}`, storeContext);
      assert.deepEqual([...(await again.trash.guids())], []);
      await scanOf(again, 'big');
      const outcome = outcomeOf(await changeNow(again, 'big', { expunge: [{ ref, guid }] }));
      assert.deepEqual(outcome, { outcome: 'done', troubles: [], unstorable: [] });
      assert.deepEqual(user.files('big'), []);
      assert.deepEqual([...(await again.trash.guids())], [guid]);
      assert.equal((await again.trash.copyToSpool(guid)).sizeBytes, large.length);
      await again.close();
    }));

  it('keeps what was in the place of a damaged text, as a copy', () =>
    withFolderElsewhere(async (store, user) => {
      user.put('big', 'cur/a:2,', 'damaged');
      await scanOf(store, 'big');
      const { guid } = await spooled(store, 'Subject: a\n\nwhole\n');
      assert.equal(await store.replaceText('big', { ref: 'a', guid, text: 'spool', file: null }), 'done');
      assert.equal(readFileSync(join(user.directory('big'), 'cur', 'a:2,'), 'utf8'), 'Subject: a\n\nwhole\n');
      assert.equal(readFileSync(join(user.root, 'cur/.mrepl/tmp/damaged', guid), 'utf8'), 'damaged');
    }));
});
