import { type SealedChunk, sealedChunkBytes } from './payload-chunk.js';
import type { Pull } from './read-header.js';

/**
 * Cuts a payload into its chunks, each good until the next call: `rest`, then what `next` gives. Which one is the last
 * shows when nothing follows it.
 */
export function cutChunks(rest: Uint8Array, next: Pull): () => Promise<SealedChunk> {
  const held = Buffer.allocUnsafeSlow(sealedChunkBytes); // for chunks that do not lie in one piece
  let filled = 0;
  let left = rest; // of the piece that was read last
  return async () => {
    for (;;) {
      const missingBytes = sealedChunkBytes - filled;
      if (left.length > missingBytes) {
        const part = left.subarray(0, missingBytes);
        left = left.subarray(missingBytes);
        if (filled === 0) return { sealed: part, isLast: false };
        held.set(part, filled);
        filled = 0;
        return { sealed: held, isLast: false };
      }
      held.set(left, filled);
      filled += left.length;
      const piece = await next();
      if (piece === null) return { sealed: held.subarray(0, filled), isLast: true };
      left = piece;
    }
  };
}
