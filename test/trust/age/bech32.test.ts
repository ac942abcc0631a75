import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeBech32, encodeBech32 } from '../../../src/trust/age/bech32.js';

/** Bytes 00 44 32 14 c7 42 54 b6 35 cf 84 65 3a 56 d7 c6 75 be 77 df: the alphabet in its order. */
const alphabetBytes = Buffer.from('00443214c74254b635cf84653a56d7c675be77df', 'hex');

describe('bech32', () => {
  it('is that of BIP 173', () => {
    const alphabetText = 'abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw';
    assert.deepEqual(decodeBech32(alphabetText), { prefix: 'abcdef', bytes: alphabetBytes });
    assert.equal(encodeBech32('abcdef', alphabetBytes), alphabetText);
    assert.deepEqual(decodeBech32('A12UEL5L'), { prefix: 'A', bytes: Buffer.alloc(0) });
    assert.deepEqual(decodeBech32('?1ezyfcl'), { prefix: '?', bytes: Buffer.alloc(0) });
    const long = 'split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w';
    assert.equal(encodeBech32('split', decodeBech32(long)?.bytes ?? Buffer.alloc(0)), long);
    const onesAndZeros = `11${'q'.repeat(82)}c8247j`;
    assert.deepEqual(decodeBech32(onesAndZeros), { prefix: '1', bytes: Buffer.alloc(51) });
  });

  it('comes back, in either case and at any length', () => {
    const prefixes = fc.stringMatching(/^[a-z0-9-]{0,20}[a-z]$/);
    fc.assert(
      fc.property(prefixes, fc.boolean(), fc.uint8Array({ maxLength: 200 }), (lower, isUpper, bytes) => {
        const prefix = isUpper ? lower.toUpperCase() : lower;
        const text = encodeBech32(prefix, bytes);
        assert.equal(text, isUpper ? text.toUpperCase() : text.toLowerCase());
        assert.deepEqual(decodeBech32(text), { prefix, bytes: Buffer.from(bytes) });
      }),
    );
  });

  it('refuses what is not spelled so', () => {
    const wrong = [
      '',
      '1',
      '10a06t8', // no prefix
      '1qzzfhee',
      'pzry9x0s0muk', // no separator
      'x1b4n0q5v', // b is not in the alphabet
      'li1dgmt3', // a checksum of five
      'A1G7SGD8', // of another case than the prefix
      'A12uEL5L', // mixed
      'a12uel5m', // wrong
      '\u00811axkwrx',
      ' a12uel5l',
      'a12uel5l\n',
      'abcdef1qpzry9x8gf2tvdw0s3jn54\u212Ahce6mua7lmqqqxw', // the Kelvin sign, a k when folded
      'ABCDEF1QPZRY9X8GF2TVDW0S3JN54\u212AHCE6MUA7LMQQQXW',
    ];
    for (const text of wrong) assert.equal(decodeBech32(text), null, JSON.stringify(text));
  });

  it('finds any one character changed, and decodes nothing that would not be written so', () => {
    const text = encodeBech32('age', alphabetBytes);
    const at = fc.nat({ max: text.length - 1 });
    fc.assert(
      fc.property(at, fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }), (place, char) => {
        const changed = text.slice(0, place) + char + text.slice(place + 1);
        if (changed !== text) assert.equal(decodeBech32(changed), null);
      }),
    );
  });

  it('refuses padding that is not zero, or a whole group of it', () => {
    // One byte takes two groups, the last three bits of which are padding.
    assert.equal(decodeBech32(groupsText([31, 28]))?.bytes.toString('hex'), 'ff');
    for (const last of [29, 30, 31]) assert.equal(decodeBech32(groupsText([31, last])), null);
    assert.equal(decodeBech32(groupsText([31, 28, 0])), null);
    assert.equal(decodeBech32(groupsText([0])), null);
  });
});

/** Groups as they are, whether or not they make bytes, with the checksum of BIP 173. */
function groupsText(groups: readonly number[]): string {
  const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const values = [3, 0, 1, ...groups]; // the prefix a: high bits, zero, low bits
  let sum = 1;
  for (const value of [...values, 0, 0, 0, 0, 0, 0]) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    if (top & 1) sum ^= 0x3b6a57b2;
    if (top & 2) sum ^= 0x26508e6d;
    if (top & 4) sum ^= 0x1ea119fa;
    if (top & 8) sum ^= 0x3d4233dd;
    if (top & 16) sum ^= 0x2a1462b3;
  }
  const check = [25, 20, 15, 10, 5, 0].map((shift) => ((sum ^ 1) >>> shift) & 31);
  return `a1${[...groups, ...check].map((group) => alphabet[group]).join('')}`;
}
