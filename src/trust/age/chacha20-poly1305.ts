import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

// The two algorithms age is made of (C2SP age.md, section "Conventions used in this document").

const aead = 'chacha20-poly1305';
const keyBytes = 32;

/** Bytes that sealing adds: the tag of Poly1305. */
export const tagBytes = 16;

/** Of every nonce of ChaCha20-Poly1305 (RFC 8439). */
export const nonceBytes = 12;

/** HKDF-SHA-256 (RFC 5869). */
export function deriveKey(secret: Uint8Array, salt: Uint8Array, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, keyBytes));
}

/** The encrypted bytes, and the tag that goes behind them. A key and a nonce must never be used for a second text. */
export function sealBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  bytes: Uint8Array,
): readonly [sealed: Buffer, tag: Buffer] {
  const cipher = createCipheriv(aead, key, nonce, { authTagLength: tagBytes });
  const sealed = cipher.update(bytes);
  cipher.final(); // a stream cipher: nothing is left to come
  return [sealed, cipher.getAuthTag()];
}

/** What `sealBytes` was given; null where key, nonce or any byte is another. */
export function openBytes(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Buffer | null {
  if (sealed.length < tagBytes) return null;
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv(aead, key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(end));
  const bytes = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
    return bytes;
  } catch {
    return null; // the one reason to fail here is the tag, and nothing of `bytes` may be seen then
  }
}
