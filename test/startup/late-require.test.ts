import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { lateRequire } from '../../src/startup/late-require.js';

/** A `require` that notes what it loaded. */
function noting() {
  const loaded: string[] = [];
  const own = createRequire(import.meta.url);
  const require = lateRequire(
    Object.assign((id: string) => {
      loaded.push(id);
      return own(id);
    }, own),
  );
  return { loaded, require };
}

test('a module that few runs use is loaded when something of it is used, and is the same', () => {
  const { loaded, require } = noting();
  const zlib = require('node:zlib') as typeof import('node:zlib');
  assert.deepEqual(loaded, []);
  assert.equal('gunzipSync' in zlib, true);
  assert.equal('nothing' in zlib, false);
  assert.equal(zlib.gunzipSync(zlib.gzipSync('text')).toString(), 'text');
  assert.ok(loaded.length > 0);
  assert.deepEqual(Object.keys(require('node:zlib') as object), Object.keys(zlib));
  assert.ok(Object.keys({ ...zlib }).includes('gunzipSync'));
});

test('any other is loaded at once', () => {
  const { loaded, require } = noting();
  require('node:path');
  assert.deepEqual(loaded, ['node:path']);
});
