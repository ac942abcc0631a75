import { createHash } from 'node:crypto';
import { sealBytes } from '../../../src/trust/age/chacha20-poly1305.js';
import { openAge } from '../../../src/trust/age/decrypt.js';
import { startSealing } from '../../../src/trust/age/encrypt.js';
import { type AgeStanza, encodeAgeHeader } from '../../../src/trust/age/header-format.js';
import { chunkNonce, payloadKey } from '../../../src/trust/age/payload-chunk.js';
import type { Pull } from '../../../src/trust/age/read-header.js';
import {
  type AgeIdentity,
  type AgeRecipient,
  newAgeIdentity,
  type RandomBytes,
} from '../../../src/trust/age/recipient-keys.js';

/** Around every boundary of a chunk, and some MiB. */
export const sizes = [0, 1, 15, 16, 65_535, 65_536, 65_537, 131_072, 131_073, 3_000_000];

export const ours = newAgeIdentity();
export const theirs = newAgeIdentity();

/** Bytes without a pattern, the same every time. */
export function sample(sizeBytes: number): Buffer {
  return createHash('shake256', { outputLength: sizeBytes }).update('sample').digest();
}

/** The file of `text`, handed over in pieces of `pieceBytes`. */
export function seal(
  text: Uint8Array,
  recipients: readonly AgeRecipient[] = [ours.recipient],
  pieceBytes = 1 << 20,
): Buffer {
  const sealing = startSealing(recipients);
  const parts = [sealing.beginning];
  for (const piece of cut(text, pieceBytes)) parts.push(...sealing.seal(piece));
  return Buffer.concat([...parts, sealing.end()]);
}

/** 1, 1, 1 ..., then 2, 2, 2 ..., so that a file is the same every time. */
export function counting(): RandomBytes {
  let count = 0;
  return (sizeBytes) => Buffer.alloc(sizeBytes, ++count);
}

/** The file key of what `forge` makes. */
export const forgedFileKey = Buffer.alloc(16, 7);

export type ForgedChunk = { readonly text: Uint8Array; readonly isLast: boolean };

/** A file that no writer makes: with these stanzas, or a header that was written by hand, and these chunks. */
export function forge(header: readonly AgeStanza[] | string, chunks: readonly ForgedChunk[]): Buffer {
  const front = typeof header === 'string' ? Buffer.from(header) : encodeAgeHeader(header, forgedFileKey);
  const payloadNonce = Buffer.alloc(16, 8);
  const key = payloadKey(forgedFileKey, payloadNonce);
  const sealed = chunks.map(({ text, isLast }, index) =>
    Buffer.concat(sealBytes(key, chunkNonce(index, isLast), text)),
  );
  return Buffer.concat([front, payloadNonce, ...sealed]);
}

export type Opened = {
  readonly text: Buffer;
  readonly damage: readonly { readonly what: string; readonly atByte: number }[];
};

/** Everything in the file, read in pieces of `pieceBytes`. Throws what `openAge` does. */
export async function open(file: Uint8Array, identity: AgeIdentity = ours, pieceBytes = 1 << 20): Promise<Opened> {
  const damage: Opened['damage'][number][] = [];
  const onDamage = (what: string, atByte: number) => damage.push({ what, atByte });
  const next = await openAge(pull(cut(file, pieceBytes)), [identity], { name: 'sealed.age', onDamage });
  const pieces: Uint8Array[] = [];
  for (let piece = await next(); piece !== null; piece = await next()) pieces.push(piece);
  return { text: Buffer.concat(pieces), damage };
}

/** Each piece lies in a buffer that is overwritten when the next one is asked for, as a file's do. */
export function pull(pieces: Iterable<Uint8Array>): Pull {
  const iterator = pieces[Symbol.iterator]();
  let buffer = Buffer.alloc(0);
  return async () => {
    buffer.fill(0xee);
    const { done, value } = iterator.next();
    if (done === true) return null;
    buffer = Buffer.from(value);
    return buffer;
  };
}

export function* cut(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** With one byte turned over; `at` counts from the end where it is negative. */
export function flipped(bytes: Uint8Array, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = (copy[place] ?? 0) ^ 0xff;
  return copy;
}
