import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { invariant } from '../../failure.js';

/** Bytes of a secret, of a point, and of what two sides agree on (RFC 7748, section 5). */
export const x25519Bytes = 32;

/** The form of public keys that Node takes and gives ten times as fast as DER (RFC 8037, section 2). */
const octetKeyPair = { kty: 'OKP', crv: 'X25519' } as const;

/**
 * What node:crypto wants in front of the 32 raw bytes of a secret: the DER of RFC 8410, section 7. As JWK a private key
 * has to name its point, too.
 */
const secretPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The key with these 32 bytes; any will do. */
export function secretKeyOf(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([secretPrefix, secret]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes that `secretKeyOf` was given. */
export function secretBytes(key: KeyObject): Buffer {
  return bytesOf(key.export({ format: 'jwk' }).d);
}

/** X25519(secret, base point): what others may know. */
export function pointOf(key: KeyObject): Buffer {
  return bytesOf(key.export({ format: 'jwk' }).x);
}

function bytesOf(field: string | undefined): Buffer {
  invariant(field !== undefined, 'an X25519 key was exported without its bytes');
  return Buffer.from(field, 'base64url');
}

/**
 * X25519(secret, point). Null for a point of low order: what comes out is zero whatever the secret is, so that
 * everybody knows it (RFC 7748, section 6.1).
 */
export function agree(key: KeyObject, point: Uint8Array): Buffer | null {
  const x = Buffer.from(point).toString('base64url');
  const publicKey = createPublicKey({ key: { ...octetKeyPair, x }, format: 'jwk' });
  try {
    return diffieHellman({ privateKey: key, publicKey });
  } catch {
    return null; // OpenSSL derives from every other pair of 32 bytes
  }
}
