import { createPublicKey, verify } from 'node:crypto';
import { sshString } from './ssh-wire-string.js';

declare const checked: unique symbol;

/**
 * An Ed25519 public key as OpenSSH writes it, `ssh-ed25519 AAAA...`, without a comment. There is one spelling of each,
 * so keys are compared as text; and none is weak.
 */
export type PublicKey = string & { readonly [checked]: 'PublicKey' };

/** Bytes of a public key (RFC 8032, section 5.1.5). */
export const publicKeyBytes = 32;

const algorithm = 'ssh-ed25519';

/** The prime of the field: y and y + p are the same number, and only y is its one encoding (RFC 8032, section 5.1). */
const p = 2n ** 255n - 19n;

/** The y of two of the four points of order 8; p - y is that of the other two. */
const y8 = 0x05fc_536d_8802_38b1_3933_c6d3_05ac_dfd5_f098_eff2_89f4_c345_b027_b2c2_8f95_e826n;

/**
 * The y of all eight points of small order, whatever their sign. OpenSSL before 3.5 takes them for keys, and a
 * signature that everybody can make is then right for one text in eight, or for all.
 */
const weakYs: ReadonlySet<bigint> = new Set([0n, 1n, p - 1n, y8, p - y8]);

/** The key with these 32 bytes; null for another length, bytes that are not a number's one encoding, and weak keys. */
export function publicKeyOf(bytes: Uint8Array): PublicKey | null {
  if (bytes.length !== publicKeyBytes) return null;
  const y = yOf(bytes);
  if (y >= p || weakYs.has(y)) return null;
  return `${algorithm} ${blobOf(bytes).toString('base64')}` as PublicKey;
}

/** Null for anything but what `publicKeyOf` answers. */
export function parsePublicKey(text: string): PublicKey | null {
  const blob = Buffer.from(text.slice(algorithm.length + 1), 'base64');
  const key = publicKeyOf(blob.subarray(-publicKeyBytes));
  return key === text ? key : null;
}

/** The key as it is written in signatures (RFC 8709, section 4). */
export function blobOfKey(key: PublicKey): Buffer {
  return Buffer.from(key.slice(algorithm.length + 1), 'base64');
}

/** An Ed25519 signature with its name, as it is written in signatures (RFC 8709, section 6). */
export function blobOfSignature(signature: Uint8Array): Buffer {
  return Buffer.concat([sshString(algorithm), sshString(signature)]);
}

/** Is `signature` what the owner of `key` makes of `bytes` (RFC 8032, section 5.1.7)? */
export function isSignedBy(key: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  const x = blobOfKey(key).subarray(-publicKeyBytes).toString('base64url');
  const point = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
  return verify(null, bytes, point, signature);
}

function blobOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([sshString(algorithm), sshString(bytes)]);
}

/** Little-endian, without the highest bit, which is the sign of x. */
function yOf(bytes: Uint8Array): bigint {
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return BigInt.asUintN(255, number);
}
