import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { locateFolder } from '../../../../src/store/maildir/files/folder-tree.js';
import { assertOwnFolder } from '../../../../src/store/maildir/layout/assert-folder-is-owners.js';
import { parseMaildirLocation } from '../../../../src/store/maildir/layout/maildir-location.js';

for (const part of ['new', 'tmp']) {
  test(`a mailbox whose ${part} is its cur is left alone`, (t) => {
    const root = mkdtempSync(join(tmpdir(), 'mrepl-folder-'));
    t.after(() => rmSync(root, { recursive: true }));
    for (const name of ['cur', 'new', 'tmp']) if (name !== part) mkdirSync(join(root, name));
    const location = parseMaildirLocation(`maildir:${root}`, '/');
    const folder = locateFolder(location, 'INBOX');
    assert.ok(!('problem' in folder));
    assert.doesNotThrow(() => assertOwnFolder(location, folder));
    symlinkSync('cur', join(root, part));
    assert.throws(() => assertOwnFolder(location, folder), { message: /is the same directory as/ });
  });
}
