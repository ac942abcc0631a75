import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  countRanges,
  formatRanges,
  inRanges,
  normaliseRanges,
  parseRanges,
  rangesOf,
} from '../../src/replica/number-ranges.js';

const seed = 20080101;

test('ranges hold just the numbers they were made of', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (numbers) => {
      const ranges = rangesOf(numbers);
      for (let n = 0; n <= 61; n++) assert.equal(inRanges(ranges, n), numbers.includes(n));
      assert.equal(countRanges(ranges), numbers.length);
      assert.deepEqual(normaliseRanges(numbers.map((n) => [n, n])), ranges);
      assert.deepEqual(parseRanges(formatRanges(ranges)), ranges);
    }),
    { seed, numRuns: 300 },
  );
});

test('only the one spelling of a list is read', () => {
  assert.deepEqual(parseRanges(''), []);
  assert.deepEqual(parseRanges('1:40,42'), [
    [1, 40],
    [42, 42],
  ]);
  for (const text of [
    '0',
    '01',
    '1,2',
    '3,1',
    '2:2',
    '4:3',
    '1:5,3',
    '1,',
    ',1',
    ' 1',
    '1:',
    '1.5',
    '9007199254740993',
  ]) {
    assert.equal(parseRanges(text), undefined, text);
  }
});
