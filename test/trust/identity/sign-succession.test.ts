import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Card } from '../../../src/trust/identity/identity-card.js';
import { decodeCard, encodeCard } from '../../../src/trust/identity/identity-card.js';
import { isSuccessor, signSuccession } from '../../../src/trust/identity/sign-succession.js';
import { createSigningKey } from '../../../src/trust/ssh/ed25519-signing-key.js';
import { signDetached } from '../../../src/trust/ssh/ssh-signature.js';
import { sampleCard, sampleKey } from '../sample.js';

const former = { hostId: 'f0'.repeat(16), signingKey: createSigningKey() };
const card: Card = { ...sampleCard, succession: signSuccession(sampleCard, former) };

test('a card can say, with the key its host had before, who that was', () => {
  const read = decodeCard(encodeCard(card, sampleKey), 'home.card');
  assert.deepEqual(read, card);
  assert.ok(isSuccessor(read, former.signingKey.publicKey));
});

test('it says so of no other key, id, account or keys than those it was said of', () => {
  assert.ok(!isSuccessor(sampleCard, former.signingKey.publicKey));
  assert.ok(!isSuccessor(card, sampleKey.publicKey));
  assert.ok(!isSuccessor({ ...card, hostId: '12'.repeat(16) }, former.signingKey.publicKey));
  assert.ok(!isSuccessor({ ...card, account: 'bob' }, former.signingKey.publicKey));
  assert.ok(!isSuccessor({ ...card, signingKey: createSigningKey().publicKey }, former.signingKey.publicKey));
  const signature = card.succession?.signature ?? '';
  const elsewhere = { ...card, succession: { formerId: sampleCard.hostId, signature } };
  assert.ok(!isSuccessor(elsewhere, former.signingKey.publicKey));
});

test('what was signed as a card is no succession', () => {
  const content = JSON.stringify([card.account, former.hostId, card.hostId, card.signingKey, card.ageRecipient]);
  const signature = signDetached(former.signingKey, 'mrepl-card', Buffer.from(content)).toString('latin1');
  assert.ok(!isSuccessor({ ...card, succession: { formerId: former.hostId, signature } }, former.signingKey.publicKey));
});

test('a card with half of it is damaged', () => {
  const text = encodeCard(sampleCard, sampleKey).toString('utf8');
  const end = text.indexOf('\n}\n');
  for (const field of ['"formerHost":"f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"', '"formerSignature":"x"']) {
    const lines = Buffer.from(`${text.slice(0, end)},\n${field}\n}\n`);
    const bytes = Buffer.concat([lines, signDetached(sampleKey, 'mrepl-card', lines)]);
    assert.throws(() => decodeCard(bytes, 'home.card'), /something on it is not what it has to be/);
  }
});
