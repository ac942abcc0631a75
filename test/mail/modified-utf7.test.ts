import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../src/mail/modified-utf7.js';

describe('modified UTF-7', () => {
  it('is that of RFC 3501, section 5.1.3', () => {
    assert.equal(encodeModifiedUtf7('~peter/mail/台北/日本語'), '~peter/mail/&U,BTFw-/&ZeVnLIqe-');
    assert.equal(encodeModifiedUtf7('Köln & Umgebung'), 'K&APY-ln &- Umgebung');
    assert.equal(decodeModifiedUtf7('&U,BTFw-'), '台北');
  });

  it('comes back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const coded = encodeModifiedUtf7(text);
        assert.match(coded, /^[\x20-\x7e]*$/);
        assert.equal(decodeModifiedUtf7(coded), text);
      }),
    );
  });

  it('refuses every other spelling, as Dovecot does', () => {
    for (const wrong of ['&', '&AC8-', '&AGE-', 'a&APY', '&A-', '&APY-&APY-', '&====-', '&APY=-', 'ö']) {
      assert.equal(decodeModifiedUtf7(wrong), undefined, wrong);
    }
  });

  it('decodes nothing that would not be written so', () => {
    fc.assert(
      fc.property(fc.string(), (coded) => {
        const text = decodeModifiedUtf7(coded);
        if (text !== undefined) assert.equal(encodeModifiedUtf7(text), coded);
      }),
    );
  });
});
