import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf } from '../../src/config/parse-size.js';

test('sizes are powers of 1000, and with an i of 1024', () => {
  for (const [text, bytes] of [
    ['1', 1],
    ['10B', 10],
    ['500K', 500_000],
    ['10MB', 10_000_000],
    ['10mb', 10_000_000],
    ['10 MB', 10_000_000],
    ['10MiB', 10_485_760],
    ['10Mi', 10_485_760],
    ['3.5G', 3_500_000_000],
    ['1TiB', 2 ** 40],
  ] as const) {
    assert.equal(bytesOf(text), bytes, text);
  }
  for (const text of ['', '0', '-1', '10X', '10MM', '10iB', 'MB', '1e3', '0.0001K', '999999999999T']) {
    assert.equal(bytesOf(text), null, text);
  }
});
