import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newAgeIdentity } from '../../../src/trust/age/recipient-keys.js';
import { fingerprintOf, parseFingerprint } from '../../../src/trust/identity/card-fingerprint.js';
import { createSigningKey } from '../../../src/trust/ssh/ed25519-signing-key.js';
import { sampleCard } from '../sample.js';

const fingerprint = fingerprintOf(sampleCard);

test('a fingerprint is what openssl, basenc --base32 and tr make of the same strings', () => {
  // Each string with its length before it | openssl dgst -sha256 -binary | basenc --base32 | tr A-Z2-7 0-9a-hjkmnp-tv-z | cut -c1-24
  assert.equal(fingerprint.replaceAll('-', ''), '6ykhb04gpgh1r02zp412na56');
});

test('it is easy to read aloud', () => {
  for (let count = 0; count < 50; count++) {
    const other = fingerprintOf({ ...sampleCard, signingKey: createSigningKey().publicKey });
    assert.match(other, /^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$/);
  }
});

test('it differs with everything that makes a host in an account, and not with its name', () => {
  const others = [
    { ...sampleCard, account: 'bob' },
    { ...sampleCard, hostId: 'f123456789abcdef0123456789abcdef' },
    { ...sampleCard, signingKey: createSigningKey().publicKey },
    { ...sampleCard, ageRecipient: newAgeIdentity().recipient },
    // The same characters, divided in another way.
    { ...sampleCard, account: 'alice0', hostId: '123456789abcdef0123456789abcdef' },
  ];
  assert.equal(new Set([fingerprint, ...others.map(fingerprintOf)]).size, others.length + 1);
  const renamed = { ...sampleCard, hostName: 'cabin' };
  assert.equal(fingerprintOf(renamed), fingerprint);
});

test('it is understood as people type it', () => {
  const plain = fingerprint.replaceAll('-', '');
  const typed = [
    fingerprint,
    plain,
    fingerprint.toUpperCase(),
    fingerprint.replaceAll('-', ' '),
    fingerprint.replaceAll('-', ' - '),
    fingerprint.replaceAll('-', '\u2013'),
    ` ${fingerprint}\n`,
    [...plain].join(' '),
    fingerprint.replaceAll('0', 'o').replaceAll('1', 'l'),
    fingerprint.replaceAll('0', 'O').replaceAll('1', 'I'),
  ];
  for (const text of typed) assert.equal(parseFingerprint(text), fingerprint, text);
});

test('what cannot be one is refused', () => {
  const wrong = ['', '-', fingerprint.slice(1), `${fingerprint}0`, fingerprint.replace('6', 'u'), `${fingerprint}\0`];
  wrong.push(fingerprint.replace('6', '\uff16'), fingerprint.replaceAll('-', '_'), fingerprint.replace('6', '\u0436'));
  for (const text of wrong) assert.equal(parseFingerprint(text), null, JSON.stringify(text));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const parsed = parseFingerprint(text);
      assert.ok(parsed === null || parseFingerprint(parsed) === parsed);
    }),
  );
});
