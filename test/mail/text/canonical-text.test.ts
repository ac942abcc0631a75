import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalText, startFold, wireSize } from '../../../src/mail/text/canonical-text.js';

/** Texts made of little else than line ends, where the mistakes are. */
const text = fc
  .array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'bc'), { maxLength: 30 })
  .map((pieces) => Buffer.from(pieces.join('')));

const canonical = (input: string): string => Buffer.from(canonicalText(Buffer.from(input))).toString();

describe('canonical text', () => {
  it('folds CRLF to LF and nothing else', () => {
    assert.equal(canonical('a\r\nb\r\n\r\nc'), 'a\nb\n\nc');
    assert.equal(canonical('a\rb\nc\r'), 'a\rb\nc\r');
    assert.equal(canonical('\r\n'), '\n');
    assert.equal(canonical(''), '');
  });

  it('leaves a CRLF alone that another CR precedes, as folding it would make a new one', () => {
    assert.equal(canonical('a\r\r\nb\r\n'), 'a\r\r\nb\n');
  });

  it('gives the very same bytes back where there is nothing to fold', () => {
    const input = Buffer.from('a\nb\n');
    assert.equal(canonicalText(input), input);
  });

  it('folded twice is folded once', () => {
    fc.assert(
      fc.property(text, (input) => {
        const once = canonicalText(input);
        assert.deepEqual(canonicalText(once), once);
        assert.equal(canonicalText(once), once);
      }),
    );
  });

  it('is the same in pieces, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 6 }), (pieces) => {
        const fold = startFold();
        const folded = Buffer.concat([...pieces.map((piece) => Buffer.from(fold.push(piece))), fold.end()]);
        assert.deepEqual(folded, Buffer.from(canonicalText(Buffer.concat(pieces))));
      }),
    );
  });

  it('byte by byte, too', () => {
    fc.assert(
      fc.property(text, (input) => {
        const fold = startFold();
        const folded = [...input].map((byte) => Buffer.from(fold.push(Uint8Array.of(byte))));
        assert.deepEqual(Buffer.concat([...folded, fold.end()]), Buffer.from(canonicalText(input)));
      }),
    );
  });
});

describe('wire size', () => {
  it('counts a CR for every bare LF', () => {
    fc.assert(
      fc.property(text, (input) => {
        const wire = Buffer.from(input.toString('latin1').replace(/(?<!\r)\n/g, '\r\n'), 'latin1');
        assert.equal(wireSize(input), wire.length);
      }),
    );
  });
});
