import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkLayout } from '../../../../src/store/maildir/files/check-layout.js';
import { parseMaildirLocation } from '../../../../src/store/maildir/layout/maildir-location.js';

const parent = mkdtempSync(join(tmpdir(), 'mrepl-layout-'));
after(() => rmSync(parent, { recursive: true }));

function check(root: string): void {
  checkLayout(parseMaildirLocation(`maildir:${root}`, parent), new Map());
}

test('what is no Maildir is looked into for a guess what it is, and not to its end', () => {
  const near = join(parent, 'near');
  mkdirSync(join(near, 'work', 'reports', 'cur'), { recursive: true });
  assert.throws(() => check(near), { code: 'store-absent', message: /laid out as directories/ });
  const far = join(parent, 'far');
  mkdirSync(join(far, ...Array.from({ length: 1000 }, () => 'a'), 'cur'), { recursive: true });
  assert.throws(() => check(far), { code: 'store-absent', message: /laid out as directories/ });
  const farther = join(parent, 'farther');
  mkdirSync(join(farther, ...Array.from({ length: 1001 }, () => 'a'), 'cur'), { recursive: true });
  assert.throws(() => check(farther), { code: 'store-absent', message: /there is no directory "cur" in it/ });
});
