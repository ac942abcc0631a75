import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto';
import { invariant } from '../../failure.js';
import { type PublicKey, publicKeyOf } from './ed25519-public-key.js';

/**
 * An Ed25519 key to sign with. What is secret is within its functions, where neither printing, inspecting, JSON nor a
 * copy reaches it.
 */
export type SigningKey = {
  readonly publicKey: PublicKey;
  /** The signature of `bytes`, 64 bytes; the same every time (RFC 8032, section 5.1.6). */
  readonly sign: (bytes: Uint8Array) => Buffer;
  /** The 32 bytes that the key is made of: only for the file in which it is kept. */
  readonly revealSeed: () => Buffer;
};

/** Bytes of the seed, which RFC 8032 (section 5.1.5) calls the private key. */
export const seedBytes = 32;

/** What stands before the seed in the form in which Node takes it (PKCS #8; RFC 8410, section 7). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A new key. Randomness is no parameter here: nobody should be able to say which key it will be. */
export function createSigningKey(): SigningKey {
  return signingKeyOf(randomBytes(seedBytes));
}

/** The key made of a seed of 32 bytes. */
export function signingKeyOf(seed: Uint8Array): SigningKey {
  invariant(seed.length === seedBytes, 'the seed of a signing key has another length');
  const own = Buffer.from(seed);
  const secret = createPrivateKey({ format: 'der', type: 'pkcs8', key: Buffer.concat([pkcs8Head, own]) });
  // RFC 8037, section 2; as DER it takes Node ten times as long.
  const point = createPublicKey(secret).export({ format: 'jwk' }).x ?? '';
  const publicKey = publicKeyOf(Buffer.from(point, 'base64url'));
  // RFC 8032 clears and sets bits of the secret number so that it cannot.
  invariant(publicKey !== null, 'a seed led to a weak key');
  return { publicKey, sign: (bytes) => sign(null, bytes, secret), revealSeed: () => Buffer.from(own) };
}
