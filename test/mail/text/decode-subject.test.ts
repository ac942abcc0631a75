import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { subjectOf } from '../../../src/mail/text/decode-subject.js';

function subject(header: string | Uint8Array): string | null {
  return subjectOf(Buffer.from(header));
}

describe('the subject of a message', () => {
  it('is found in the header only, in any case, and unfolded', () => {
    assert.equal(subject('From: a\nSubject: one\n\nSubject: two\n'), 'one');
    assert.equal(subject('From: a\r\nSUBJECT:one\r\n  two\r\n\tthree\r\nTo: b\r\n\r\n'), 'one  two\tthree');
    assert.equal(subject('From: a\n\nSubject: two\n'), null);
    assert.equal(subject('X-Subject: no\nSubject:'), '');
    assert.equal(subject(''), null);
  });

  it('is decoded', () => {
    for (const [coded, decoded] of [
      ['=?utf-8?q?Gr=C3=BC=C3=9Fe_aus?= Wien', 'Grüße aus Wien'],
      ['=?ISO-8859-1?Q?Gr=FC=DFe?=', 'Grüße'],
      ['=?utf-8?B?5pel?=\n =?utf-8?B?5pys?= x', '日本 x'],
      ['=?utf-8*de?q?a?= b', 'a b'],
      ['=?nosuchset?q?a?= =?utf-8?b?/w==?=', '=?nosuchset?q?a?= =?utf-8?b?/w==?='.replace('?= =?', '?==?')],
      ['Grüße', 'Grüße'],
    ] as const) {
      assert.equal(subject(`Subject: ${coded}\n\n`), decoded);
    }
    assert.equal(subject(Buffer.from('Subject: Gr\u00fc\n\n', 'latin1')), 'Grü');
  });
});
