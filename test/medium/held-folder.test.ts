import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { removeFiles } from '../../src/medium/name-and-list-bundle-files.js';
import { writeBundleFile } from '../../src/medium/write-file-to-medium.js';

/** A folder on a stick, somebody's mail beside it, and what puts a link to the mail in the place of one of `names`. */
function scene(t: TestContext): { folder: string; mail: string; exchange(name: string): void } {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-held-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const [folder, mail] = [join(directory, 'mrepl', 'alice'), join(directory, 'mail')];
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(mail, 'alice'), { recursive: true });
  return {
    folder,
    mail,
    exchange(name) {
      const path = join(directory, name);
      renameSync(path, join(directory, 'aside'));
      symlinkSync(mail, path);
    },
  };
}

for (const exchanged of ['mrepl', 'mrepl/alice']) {
  test(`a bundle is not written where ${exchanged} leads that became a link meanwhile`, async (t) => {
    const { folder, mail, exchange } = scene(t);
    await writeBundleFile(join(folder, 'a.tar.zst'), async (sink) => {
      await sink.write(Buffer.from('some'));
      exchange(exchanged);
      await sink.write(Buffer.from('thing'));
    });
    assert.deepEqual(readdirSync(mail, { recursive: true }), ['alice']);
  });

  test(`where ${exchanged} is a link nothing is written or removed`, async (t) => {
    const { folder, mail, exchange } = scene(t);
    exchange(exchanged);
    for (const place of [mail, join(mail, 'alice')]) writeFileSync(join(place, 'a.tar.zst'), 'theirs');
    const before = readdirSync(mail, { recursive: true });
    await assert.rejects(
      writeBundleFile(join(folder, 'b.tar.zst'), (sink) => sink.write(Buffer.from('ours'))),
      { code: 'cannot-create', message: /a symbolic link/ },
    );
    assert.throws(() => removeFiles(folder, ['a.tar.zst']), { code: 'cannot-create' });
    assert.deepEqual(readdirSync(mail, { recursive: true }), before);
  });
}
