import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areRemains, beginsWith } from '../../../src/mail/text/is-truncated-text.js';
import { mayBeginWith, startTextMarks, type TextMarks } from '../../../src/mail/text/rolling-prefix-hash.js';

const seed = 20261130;

function marksOf(...pieces: readonly Uint8Array[]): TextMarks {
  const marking = startTextMarks();
  for (const piece of pieces) marking.push(piece);
  return marking.end();
}

/** A text of that many bytes, the same for the same salt. */
function textOf(sizeBytes: number, salt: number): Buffer {
  const text = Buffer.alloc(sizeBytes);
  let state = salt + 1;
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text[at] = 32 + ((state >>> 16) % 90);
  }
  return text;
}

test('every beginning of a text has its marks, at whatever length it ends', () => {
  for (const sizeBytes of [0, 1, 3, 4, 5, 511, 512, 513, 700, 5000]) {
    const text = textOf(sizeBytes, sizeBytes);
    const known = marksOf(text);
    for (let length = 0; length <= sizeBytes; length++) {
      assert.ok(mayBeginWith(known, text.subarray(0, length)), `${length} of ${sizeBytes}`);
    }
  }
});

test('every beginning of a large text has its marks', () => {
  const text = textOf(300_000, 1);
  const known = marksOf(text);
  fc.assert(
    fc.property(fc.nat(text.length), (length) => mayBeginWith(known, text.subarray(0, length))),
    { seed, numRuns: 200 },
  );
});

test('marks are the same in whatever pieces the text comes', () => {
  fc.assert(
    fc.property(fc.nat(3000), fc.array(fc.nat(3000), { maxLength: 6 }), (sizeBytes, cuts) => {
      const text = textOf(sizeBytes, 7);
      const ends = [...cuts.filter((cut) => cut < sizeBytes).sort((a, b) => a - b), sizeBytes];
      const pieces = ends.map((end, n) => text.subarray(ends[n - 1] ?? 0, end));
      assert.deepEqual(marksOf(...pieces), marksOf(text));
    }),
    { seed },
  );
});

test('what is longer than a text is no beginning of it', () => {
  const text = textOf(100, 3);
  assert.equal(mayBeginWith(marksOf(text), Buffer.concat([text, Buffer.from('x')])), false);
});

test('a text that becomes another one somewhere is nearly never taken for a beginning', () => {
  const text = textOf(20_000, 5);
  const known = marksOf(text);
  let taken = 0;
  const tries = 2000;
  for (let n = 0; n < tries; n++) {
    const from = 100 + ((n * 37) % 3000);
    // As where attachments are taken out: another end, of 300 bytes.
    if (mayBeginWith(known, Buffer.concat([text.subarray(0, from), textOf(300, n)]))) taken++;
  }
  assert.ok(taken < tries / 100, `${taken} of ${tries}`);
});

test('marks of large texts stay few', () => {
  assert.ok(marksOf(textOf(100_000, 1)).bits.length < 112);
  assert.ok(marksOf(Buffer.alloc(10_000_000)).bits.length < 165);
});

test('remains are nothing, a beginning, or one with zeros behind', () => {
  const text = Buffer.from('Subject: a\n\nThe body\nof it\n');
  const begins = (beginning: Uint8Array): boolean => beginsWith(text, beginning);
  for (let length = 0; length <= text.length; length++) {
    for (const zeros of [0, 1, 600]) {
      assert.ok(
        areRemains(Buffer.concat([text.subarray(0, length), Buffer.alloc(zeros)]), begins),
        `${length}+${zeros}`,
      );
    }
  }
  assert.ok(areRemains(Buffer.from('Subject: a\n\nThe body\r'), begins), 'cut off within a line end');
  for (const other of ['Subject: a\n\nThe body\r\rof', 'Subject: a\n\nThe bodx', 'x', `${text}more\n`]) {
    assert.ok(!areRemains(Buffer.from(other), begins), other);
  }
});
