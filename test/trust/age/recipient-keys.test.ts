import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { encodeBech32 } from '../../../src/trust/age/bech32.js';
import {
  AgeIdentity,
  newAgeIdentity,
  parseAgeIdentity,
  parseAgeRecipient,
} from '../../../src/trust/age/recipient-keys.js';

// The example of C2SP age.md, section "The X25519 recipient type".
const exampleIdentity = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const exampleRecipient = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

describe('age keys', () => {
  it('are those of the specification', () => {
    const identity = parseAgeIdentity(exampleIdentity);
    assert.equal(identity?.recipient, exampleRecipient);
    assert.equal(identity?.reveal(), exampleIdentity);
    assert.equal(new AgeIdentity(Buffer.alloc(32, 0x42)).reveal(), exampleIdentity);
    assert.equal(parseAgeRecipient(exampleRecipient), exampleRecipient);
  });

  it('come back from their text, and are new each time', () => {
    const identity = newAgeIdentity();
    assert.equal(parseAgeIdentity(identity.reveal())?.recipient, identity.recipient);
    assert.equal(parseAgeRecipient(identity.recipient), identity.recipient);
    assert.notEqual(newAgeIdentity().recipient, identity.recipient);
  });

  it('keep any 32 bytes as they are', () => {
    for (const fill of [0, 0x80, 0xff]) {
      const text = encodeBech32('AGE-SECRET-KEY-', Buffer.alloc(32, fill));
      assert.equal(parseAgeIdentity(text)?.reveal(), text);
    }
  });

  it('are not read from anything else', () => {
    const identities = [
      '',
      exampleRecipient,
      exampleIdentity.toLowerCase(),
      ` ${exampleIdentity}`,
      `${exampleIdentity}\n`,
      exampleIdentity.replace('GFPQ', 'GFPP'),
      encodeBech32('AGE-SECRET-KEY-', Buffer.alloc(31, 1)),
      encodeBech32('AGE-SECRET-KEY-', Buffer.alloc(33, 1)),
      encodeBech32('AGE-SECRET-KEY-PQ-', Buffer.alloc(32, 1)),
    ];
    for (const text of identities) assert.equal(parseAgeIdentity(text), null, text);
    const recipients = [
      '',
      exampleIdentity,
      exampleRecipient.toUpperCase(),
      `${exampleRecipient} `,
      encodeBech32('age', Buffer.alloc(31, 9)),
      encodeBech32('age', Buffer.alloc(33, 9)),
      encodeBech32('age1pq', Buffer.alloc(32, 9)),
    ];
    for (const text of recipients) assert.equal(parseAgeRecipient(text), null, text);
  });

  it('are not of a point of low order, which everybody could open', () => {
    // Encodings of the points of order 1, 2, 4 and 8 (RFC 7748, section 6.1, has the check that finds them).
    const lowOrder = [
      '0000000000000000000000000000000000000000000000000000000000000000',
      '0100000000000000000000000000000000000000000000000000000000000000',
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ];
    for (const point of lowOrder) {
      assert.equal(newAgeIdentity().agreeWith(Buffer.from(point, 'hex')), null, point);
      assert.equal(parseAgeRecipient(encodeBech32('age', Buffer.from(point, 'hex'))), null, point);
    }
  });

  it('do not print their secret', () => {
    const identity = newAgeIdentity();
    const secret = identity.reveal().slice('AGE-SECRET-KEY-1'.length, -6);
    const shown = [
      inspect(identity, { depth: null, showHidden: true }),
      inspect({ identity }, { customInspect: false, depth: null, showHidden: true }),
      JSON.stringify({ identity }),
      String(identity),
      Object.values(identity).join(),
    ];
    for (const text of shown) assert.doesNotMatch(text, new RegExp(`SECRET|${secret}`, 'i'));
    assert.equal(inspect(identity), `the age identity of ${identity.recipient}`);
  });
});
