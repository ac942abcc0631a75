import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodySumOf, sameBody, startBodySum } from '../../../src/mail/text/body-checksum.js';
import { canonicalText, wireText } from '../../../src/mail/text/canonical-text.js';
import { hasSoundHeader } from '../../../src/mail/text/is-header-sound.js';

const text = fc
  .array(fc.constantFrom('\n', '\n\n', '\r', '\r\n', 'a', 'Subject: x', ' '), { maxLength: 30 })
  .map((parts) => Buffer.from(parts.join('')));

test('the body is all behind the first empty line, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 5 }), (whole, cuts) => {
      const canonical = Buffer.from(canonicalText(whole));
      const sum = startBodySum();
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), canonical.length]) {
        sum.push(canonical.subarray(from, Math.max(from, to)));
        from = Math.max(from, Math.min(to, canonical.length));
      }
      assert.deepEqual(sum.end(), bodySumOf(canonical));
      const [, body = ''] = /^(?:[^\n]+\n)*\n([\s\S]*)$/.exec(canonical.toString()) ?? [];
      assert.equal(bodySumOf(canonical).sizeBytes, body.length);
    }),
  );
});

test('another header leaves the sum as it is, another body does not', () => {
  const sum = bodySumOf(Buffer.from('Subject: a\n\nbody\n'));
  assert.ok(sameBody(bodySumOf(Buffer.from('Subject: a\nStatus: RO\n\nbody\n')), sum));
  assert.ok(!sameBody(bodySumOf(Buffer.from('Subject: a\n\nbodx\n')), sum));
  assert.ok(sameBody(bodySumOf(Buffer.from('Subject: a\n')), { sizeBytes: 0, crc: 0 }));
});

test('a text with CRLF is canonical again when it is folded', () => {
  fc.assert(
    fc.property(text, (whole) => {
      const canonical = Buffer.from(canonicalText(whole));
      const wire = Buffer.from(wireText(canonical)).toString();
      assert.doesNotMatch(wire, /(?<!\r)\n/);
      assert.deepEqual(Buffer.from(canonicalText(Buffer.from(wire))), canonical);
    }),
  );
});

test('a header is made of fields and their continuations', () => {
  const sound = ['Subject: a\n\n', 'From alice Mon\nSubject: a\n b\n\tc\nX-Y : z\n\nbody', 'Subject: \xe4\n\n'];
  const broken = ['Subject: a\n', 'Sub\0ject: a\n\n', 'Subject: a\nb c\n\n', 'Subj ect: a\n\n', '\n\nbody', ''];
  for (const each of sound) assert.ok(hasSoundHeader(Buffer.from(each, 'latin1')), each);
  for (const each of broken) assert.ok(!hasSoundHeader(Buffer.from(each, 'latin1')), each);
});
