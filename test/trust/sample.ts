import type { AgeRecipient } from '../../src/trust/age/recipient-keys.js';
import type { Card } from '../../src/trust/identity/identity-card.js';
import { signingKeyOf } from '../../src/trust/ssh/ed25519-signing-key.js';

/** A key that everybody knows: what is made with it is the same in every run. */
export const sampleKey = signingKeyOf(Buffer.alloc(32, 7));

export const sampleCard: Card = {
  account: 'alice',
  hostId: '0123456789abcdef0123456789abcdef',
  hostName: 'home',
  signingKey: sampleKey.publicKey,
  ageRecipient: 'age192nvrnwfgvvn82p7klr56jdhatlp482r0nhan2l7rzqf5szsuexqdfufxg' as AgeRecipient,
};
