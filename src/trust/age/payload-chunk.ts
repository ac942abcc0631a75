import { deriveKey, nonceBytes, openBytes, tagBytes } from './chacha20-poly1305.js';

// C2SP age.md, section "Payload": chunks, each encrypted for itself, under nonces that say its place and whether it is
// the last.

/** Bytes of every chunk but the last, which has 1 to as many, or none where it is the only one. */
export const chunkBytes = 64 << 10;

/** As it lies in the file. */
export const sealedChunkBytes = chunkBytes + tagBytes;

/** Random bytes between the header and the first chunk. */
export const payloadNonceBytes = 16;

/**
 * The key of the payload: HKDF-SHA-256 of the file key, salted with the nonce that stands before the first chunk
 * (age-encryption.org/v1, "Payload").
 */
export function payloadKey(fileKey: Uint8Array, payloadNonce: Uint8Array): Buffer {
  return deriveKey(fileKey, payloadNonce, 'payload');
}

/** Eleven bytes of a big-endian count from zero, and the mark of the last chunk. */
export function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUIntBE(index, nonceBytes - 1 - 6, 6); // 2^48 chunks are more than any file has
  nonce[nonceBytes - 1] = isLast ? 1 : 0;
  return nonce;
}

/** A chunk as it lies in the file. Only the last may be short; it is empty only where there is none at all. */
export type SealedChunk = { readonly sealed: Uint8Array; readonly isLast: boolean };

/** What became of a chunk. `isEnd`: nothing after it is to be read. `damage` is null where all is well. */
type OpenedChunk = { readonly text: Uint8Array; readonly isEnd: boolean; readonly damage: string | null };

/** Where the chunk does not authenticate, `text` is as many zeros. */
export function openChunk(key: Uint8Array, index: number, { sealed, isLast }: SealedChunk): OpenedChunk {
  const text = openBytes(key, chunkNonce(index, isLast), sealed);
  if (text !== null) {
    const isSurplus = text.length === 0 && index > 0;
    return { text, isEnd: isLast, damage: isSurplus ? 'the last chunk is empty' : null };
  }
  // A full chunk can be genuine and yet not where it says it is, at the end or before it.
  const misplaced = sealed.length === sealedChunkBytes ? openBytes(key, chunkNonce(index, !isLast), sealed) : null;
  if (misplaced !== null) {
    const damage = isLast ? 'the file is cut off: more chunks should follow' : 'something follows the last chunk';
    return { text: misplaced, isEnd: true, damage };
  }
  const zeros = new Uint8Array(Math.max(0, sealed.length - tagBytes));
  const damage = isLast ? 'the last chunk is damaged or cut off' : 'a chunk is damaged';
  return { text: zeros, isEnd: isLast, damage };
}
