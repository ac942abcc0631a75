import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** Bytes of a secret, of a point, and of what two sides agree on (RFC 7748, section 5). */
export const x25519Bytes = 32;

// What node:crypto wants in front of 32 raw bytes: the DER of RFC 8410, sections 4 and 7.
const pointPrefix = Buffer.from('302a300506032b656e032100', 'hex');
const secretPrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The key with these 32 bytes; any will do. */
export function secretKeyOf(secret: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([secretPrefix, secret]), format: 'der', type: 'pkcs8' });
}

/** The 32 bytes that `secretKeyOf` was given. */
export function secretBytes(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'pkcs8' }).subarray(secretPrefix.length);
}

/** X25519(secret, base point): what others may know. */
export function pointOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(pointPrefix.length);
}

/**
 * X25519(secret, point). Null for a point of low order: what comes out is zero whatever the secret is, so that
 * everybody knows it (RFC 7748, section 6.1).
 */
export function agree(key: KeyObject, point: Uint8Array): Buffer | null {
  const publicKey = createPublicKey({ key: Buffer.concat([pointPrefix, point]), format: 'der', type: 'spki' });
  try {
    return diffieHellman({ privateKey: key, publicKey });
  } catch {
    return null; // OpenSSL derives from every other pair of 32 bytes
  }
}
