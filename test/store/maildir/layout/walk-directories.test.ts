import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isOfOneThing } from '../../../../src/failure.js';
import { parseMaildirLocation } from '../../../../src/store/maildir/layout/maildir-location.js';
import { walkTree } from '../../../../src/store/maildir/layout/walk-directories.js';
import { scratch } from '../../../end-to-end/site.js';

test('a tree of more directories than anybody has mailboxes is not walked to its end', (t) => {
  const root = scratch(t);
  const count = 20_001;
  for (let n = 0; n < count; n++) mkdirSync(join(root, String(n)));
  let walked = 0;
  const walk = (): void => {
    for (const _ of walkTree(parseMaildirLocation(`maildir:${root}:LAYOUT=fs`, root))) walked++;
  };
  assert.throws(walk, (error) => isOfOneThing(error, 'store-damaged') && /there are over 20000/.test(error.message));
  assert.equal(walked, count - 1);
});
