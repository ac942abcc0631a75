import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  startTextDigest,
  textIdKnowing,
  textIdOfCanonical,
} from '../../../src/mail/text/digest-without-fetcher-headers.js';
import { guidOfCanonical } from '../../../src/mail/text/text-guid.js';
import { indexMails, indexTexts, isTextOf, type TextId } from '../../../src/mail/text/text-guid-and-second-digest.js';

const bare = 'Subject: a\nFrom: alice\n\nX-TUID: aaaabbbbcccc\n';

function idOf(text: string): TextId {
  return textIdOfCanonical(Buffer.from(text));
}

function isSame(text: string, as = bare): boolean {
  const { guid, same } = idOf(text);
  assert.deepEqual(textIdKnowing(guid, Buffer.from(text)), idOf(text));
  assert.equal(guid, guidOfCanonical(Buffer.from(text)));
  assert.notEqual(same, guid, 'a second digest is kept only where it is another one');
  return (same ?? guid) === guidOfCanonical(Buffer.from(as));
}

/** In the header of `bare`, before, between and behind its fields. */
function places(line: string): string[] {
  return [0, 1, 2].map((at) => bare.split('\n').toSpliced(at, 0, line).join('\n'));
}

for (const [what, line] of [
  ['of mbsync', 'X-TUID: jLNvr8gAsfIs'],
  ['of mbsync, with all digits that it has', 'X-TUID: q9/z+AB0CDEF'],
  ['of an mbsync before 2006', 'X-TUID: aB3/aB3+'],
  ['of what was called so before that', 'X-TUID: 0123456789abcdef'],
  ['as somebody might have made it up', 'X-TUID: aaaaaaaaaa1'],
  ['of OfflineIMAP', 'X-OfflineIMAP: 3735928559-123456789'],
  ['of OfflineIMAP, with its version', 'X-OfflineIMAP: 1287332812-0912345678901-v6.3.1'],
  ['of OfflineIMAP 6.3', 'X-OfflineIMAP: x1234567890-52656d6f7465-494e424f58-1287332812-0912345678901-v6.3.2-rc3'],
  ['of OfflineIMAP before 6.3', 'X-OfflineIMAP-x1234567890-52656d6f7465-494e424f58: 1287332812-0912345678901-v5.99'],
] as const) {
  test(`a line ${what} makes no other mail, wherever it stands in the header`, () => {
    for (const text of places(line)) assert.ok(isSame(text), text);
    assert.ok(isSame(`Subject: a\n${line}\n`, 'Subject: a\n'), 'a text that is but a header');
    assert.ok(isSame(`${line}\n\nbody\n`, '\nbody\n'), 'a header that is but that line');
  });
}

for (const [what, line] of [
  ['too short', 'X-TUID: aaaabbb'],
  ['too long', 'X-TUID: aaaabbbbccccddddd'],
  ['with other signs', 'X-TUID: aaaabbbb-ccc'],
  ['with blanks behind it', 'X-TUID: aaaabbbbcccc '],
  ['with two blanks', 'X-TUID:  aaaabbbbcccc'],
  ['with none', 'X-TUID:aaaabbbbcccc'],
  ['spelt otherwise', 'X-Tuid: aaaabbbbcccc'],
  ['with a bare CR', 'X-TUID: aaaabbbbcccc\r'],
  ['that continues', 'X-TUID: aaaabbbbcccc\n more'],
  ['that continues behind a tab', 'X-TUID: aaaabbbbcccc\n\tmore'],
  ['that continues another', 'X-Other: x\n X-TUID: aaaabbbbcccc'],
  ['that is quoted', '>X-TUID: aaaabbbbcccc'],
  ['of words', 'X-OfflineIMAP: hello'],
  ['of a version alone', 'X-OfflineIMAP: v8'],
  ['that is empty', 'X-OfflineIMAP: '],
  ['longer than any of them', `X-OfflineIMAP: 1-${'a'.repeat(900)}-1-1-v6`],
] as const) {
  test(`a line ${what} is a part of the mail`, () => {
    for (const text of places(line)) assert.equal(idOf(text).same, undefined, text);
  });
}

test('a line in the body, or without an end, is a part of the mail', () => {
  assert.equal(idOf(bare).same, undefined);
  assert.equal(idOf('\nX-TUID: aaaabbbbcccc\n').same, undefined, 'behind an empty header');
  assert.equal(idOf('Subject: a\nX-TUID: aaaabbbbcccc').same, undefined);
  assert.equal(idOf('').same, undefined);
});

test('several such lines, doubled or of several programs, are all left out', () => {
  const lines = ['X-TUID: aaaabbbbcccc', 'X-TUID: aaaabbbbcccc', 'X-OfflineIMAP: 1-2', 'X-TUID: ddddeeeeffff'];
  assert.ok(isSame([...lines, bare].join('\n')));
  assert.ok(isSame(`Subject: a\n${lines.join('\nFrom: alice\n')}\n\n`, `Subject: a\n${'From: alice\n'.repeat(3)}\n`));
});

test('the digests are the same in whatever pieces the text comes', () => {
  const part = fc.constantFrom('X-TUID: aaaabbbbcccc\n', 'X-OfflineIMAP: 1-2\n', 'a: b\n', ' c\n', '\n', 'x', '\r\n');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(120), { maxLength: 6 }), (parts, cuts) => {
      const text = Buffer.from(parts.join(''));
      const digest = startTextDigest();
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), text.length]) {
        const piece = Buffer.from(text.subarray(from, Math.max(from, to)));
        digest.push(piece);
        piece.fill(0); // its memory may be used again
        from = Math.max(from, Math.min(to, text.length));
      }
      assert.deepEqual(digest.end(), textIdOfCanonical(text));
    }),
  );
});

test('in a header without an end such lines are looked for in its first MiB', () => {
  const line = 'X-TUID: aaaabbbbcccc\n';
  const filler = 'a: b\n'.repeat((1 << 20) / 5);
  const before = filler.slice(0, (1 << 20) - line.length);
  assert.equal(before.length + line.length, 1 << 20);
  const padded = `${'x'.repeat(before.length - 1)}\n`;
  assert.ok(isSame(`${padded}${line}c: d\n`, `${padded}c: d\n`));
  assert.equal(idOf(`x${padded}${line}c: d\n`).same, undefined);
});

test('a text is a mail by its second digest where that is known, and else by either', () => {
  const plain = { guid: 'g' };
  const one = { guid: 'one', same: 'g' };
  const two = { guid: 'two', same: 'g' };
  assert.ok(isTextOf(one, two) && isTextOf(plain, one) && isTextOf(one, plain) && isTextOf(one, { guid: 'one' }));
  assert.ok(
    !isTextOf({ guid: 'one', same: 'other' }, one),
    'who says that his mail is another cannot bring his own text',
  );
  assert.ok(!isTextOf({ guid: 'one' }, one));
  assert.equal(indexTexts([one, two]).find({ guid: 'two', same: 'g' }), two, 'the very text before any other');
  assert.equal(indexTexts([one]).find({ guid: 'two', same: 'g' }), one);
  assert.equal(indexTexts([one]).find({ guid: 'two' }), null);
  assert.deepEqual(indexMails([one, two, plain, { guid: 'x' }]).of({ guid: 'three', same: 'g' }), [one, two, plain]);
});
