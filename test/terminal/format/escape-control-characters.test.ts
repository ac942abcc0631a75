import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiMeasure } from '../../../src/terminal/format/ascii-text-width.js';
import { visible } from '../../../src/terminal/format/escape-control-characters.js';
import { unicodeMeasure } from '../../../src/terminal/format/unicode-text-width.js';

test('what a terminal would act upon is shown, not sent', () => {
  const cases: readonly [hostile: string, shown: string][] = [
    ['INBOX', 'INBOX'],
    ['Entwürfe/日本語', 'Entwürfe/日本語'],
    ['\\Seen', '\\Seen'],
    ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['a\nb\r\tc\u0000', 'a\\x0ab\\x0d\\x09c\\x00'],
    ['\u007f\u0085\u009b31m', '\\x7f\\x85\\x9b31m'],
    ['gpj.\u202egnp', 'gpj.\\u202egnp'],
    ['\u2066x\u2069\u200e\u061c', '\\u2066x\\u2069\\u200e\\u061c'],
    ['in\u200bbox\ufeff', 'in\\u200bbox\\ufeff'],
    ['so\u00adft', 'so\\xadft'],
    ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['\u115f\u3164\uffa0', '\\u115f\\u3164\\uffa0'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['half\ud800', 'half\\ud800'],
    ['❤\ufe0f', '❤\ufe0f'],
    ['a\ufe0f', 'a\\ufe0f'],
    ['👩\u200d💻', '👩\\u200d💻'],
    ['e\u0301', 'e\u0301'],
    ['\u0301x', '\\u0301x'],
    [`z${'\u0336'.repeat(6)}`, `z${'\u0336'.repeat(4)}\\u0336\\u0336`],
  ];
  for (const [hostile, shown] of cases) assert.equal(visible(hostile), shown);
});

test('whatever the text, nothing unseen is left, and showing it twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const shown = visible(text);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.doesNotMatch(shown, /^\p{M}/u);
      assert.equal(visible(shown), shown);
    }),
    { numRuns: 2000 },
  );
});

test('cutting keeps to the width and never cuts a character in two', () => {
  const cases: readonly [text: string, columns: number, cut: string][] = [
    ['INBOX', 5, 'INBOX'],
    ['INBOX', 4, 'I...'],
    ['日本語の箱', 10, '日本語の箱'],
    ['日本語の箱', 9, '日本語...'],
    ['日本語の箱', 8, '日本...'],
    ['e\u0301e\u0301e\u0301e\u0301e\u0301', 4, 'e\u0301...'],
    ['❤\ufe0f❤\ufe0f❤\ufe0f', 5, '❤\ufe0f...'],
    ['INBOX', 2, '..'],
    ['INBOX', 0, ''],
    ['', 0, ''],
  ];
  for (const [text, columns, cut] of cases)
    assert.equal(unicodeMeasure.cut(text, columns), cut, `${text} in ${columns}`);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.nat(40), (text, columns) => {
      const cut = unicodeMeasure.cut(visible(text), columns);
      assert.ok(unicodeMeasure.width(cut) <= columns);
    }),
    { numRuns: 2000 },
  );
});

test('a very long text is cut without measuring all of it', () => {
  assert.equal(unicodeMeasure.cut('日'.repeat(1_000_000), 7), '日日...');
});

test('for plain ASCII both measures agree', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), fc.nat(40), (text, columns) => {
      assert.equal(asciiMeasure.width(text), unicodeMeasure.width(text));
      assert.equal(asciiMeasure.cut(text, columns), unicodeMeasure.cut(text, columns));
    }),
    { numRuns: 2000 },
  );
});
