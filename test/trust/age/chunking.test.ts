import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { openAge } from '../../../src/trust/age/decrypt.js';
import { startSealing } from '../../../src/trust/age/encrypt.js';
import { chunkBytes } from '../../../src/trust/age/payload-chunk.js';
import { counting, cut, open, ours, pull, sample, seal, sizes } from './sample.js';

/** Lengths at and around the boundaries of a chunk, and any others. */
const length = fc.oneof(
  fc.nat({ max: 5 }),
  fc.integer({ min: chunkBytes - 20, max: chunkBytes + 20 }),
  fc.nat({ max: 3 * chunkBytes }),
);
const lengths = fc.array(length, { maxLength: 8 });

/** `bytes` in pieces of these lengths, and what is left in one. */
function inPieces(bytes: Uint8Array, pieceLengths: readonly number[]): Uint8Array[] {
  let at = 0;
  return [...pieceLengths, bytes.length].map((each) => {
    at += each;
    return bytes.subarray(at - each, at);
  });
}

describe('an age file', () => {
  it('is the same however its text is handed over', () => {
    fc.assert(
      fc.property(length, lengths, (size, pieceLengths) => {
        const text = sample(size);
        const sealing = startSealing([ours.recipient], counting());
        const parts = [sealing.beginning];
        for (const piece of inPieces(text, pieceLengths)) {
          const reused = Buffer.from(piece);
          parts.push(...sealing.seal(reused));
          reused.fill(0xee);
        }
        parts.push(sealing.end());
        const whole = startSealing([ours.recipient], counting());
        const full = Buffer.concat(whole.seal(text));
        assert.deepEqual(Buffer.concat(parts), Buffer.concat([whole.beginning, full, whole.end()]));
        assert.equal(full.length, Math.floor(Math.max(0, size - 1) / chunkBytes) * (chunkBytes + 16));
      }),
    );
  });

  it('gives the same text however it is read', async () => {
    await fc.assert(
      fc.asyncProperty(length, lengths, async (size, pieceLengths) => {
        const text = sample(size);
        const next = await openAge(pull(inPieces(seal(text), pieceLengths)), [ours], {
          name: 'sealed.age',
          onDamage: assert.fail,
        });
        const pieces: Uint8Array[] = []; // they are free to keep
        for (let piece = await next(); piece !== null; piece = await next()) pieces.push(piece);
        assert.deepEqual(Buffer.concat(pieces), text);
        assert.ok(pieces.every((piece) => piece.length > 0));
        assert.equal(await next(), null);
      }),
    );
  });

  it('comes back at every size, byte by byte and in odd pieces', async () => {
    for (const size of sizes) {
      const text = sample(size);
      for (const pieceBytes of [1, 7, 1000, 65_535, 65_536, 65_552, 65_553, 1 << 20]) {
        if (size / pieceBytes > 200_000) continue;
        const file = seal(text, [ours.recipient], pieceBytes);
        assert.deepEqual(await open(file, ours, pieceBytes), { text, damage: [] }, `${size} bytes by ${pieceBytes}`);
      }
    }
  });

  it('is as long as can be told beforehand', () => {
    for (const size of sizes) {
      const sealing = startSealing([ours.recipient]);
      const chunks = [...[...cut(sample(size), 1000)].flatMap((piece) => sealing.seal(piece)), sealing.end()];
      const count = Math.max(1, Math.ceil(size / chunkBytes));
      assert.equal(Buffer.concat(chunks).length, size + 16 * count);
    }
  });

  it('that ended takes no more', () => {
    const sealing = startSealing([ours.recipient]);
    sealing.end();
    assert.throws(() => sealing.seal(sample(1)), { code: 'internal' });
    assert.throws(() => sealing.end(), { code: 'internal' });
  });
});
