import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { scratch } from './end-to-end/site.js';
import { checkout } from './fixture-maildir.js';
import { setsOf } from './test-sets.js';

describe('a test file is for npm run test:servers', () => {
  const server = "export const startDovecot = () => 1;\nimport './letters.js';\n";
  for (const [what, files, expected] of [
    ['that starts a server', { 'test/a.test.ts': "import { startDovecot } from './dovecot/dovecot.js';\n" }, true],
    [
      'that does so by another module, over several lines',
      {
        'test/a.test.ts':
          "import assert from 'node:assert/strict';\nimport {\n  fetch,\n  type Mail,\n} from './fetch/fetch.js';\n",
        'test/fetch/fetch.ts': "export { startDovecot } from '../dovecot/dovecot.js';\n",
      },
      true,
    ],
    ['that loads it for nothing else', { 'test/a.test.ts': "import './dovecot/dovecot.js';\n" }, true],
    [
      'but not one with types of it',
      { 'test/a.test.ts': "import type { Dovecot } from './dovecot/dovecot.js';\n" },
      false,
    ],
    [
      'but not one whose modules import each other',
      {
        'test/a.test.ts': "import './b.js';\n",
        'test/b.ts': "import './a.test.js';\nimport '../src/mail/flags.js';\n",
      },
      false,
    ],
  ] as const satisfies readonly (readonly [string, Record<string, string>, boolean])[]) {
    test(what, (t) => {
      const root = scratch(t);
      for (const [path, text] of Object.entries({ ...files, 'test/dovecot/dovecot.ts': server })) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      assert.deepEqual(setsOf(root, 'test/a.test.ts'), [expected ? 'servers' : 'short']);
    });
  }

  test('as this checkout has some of each set', () => {
    assert.deepEqual(setsOf(checkout, 'test/end-to-end/dovecot.test.ts'), ['servers']);
    assert.deepEqual(setsOf(checkout, 'test/end-to-end/restore.test.ts'), ['short']);
    assert.deepEqual(setsOf(checkout, 'test/end-to-end/series.long.test.ts'), ['long']);
    assert.deepEqual(setsOf(checkout, 'test/merge/invariants.test.ts'), ['short', 'long']);
  });
});
