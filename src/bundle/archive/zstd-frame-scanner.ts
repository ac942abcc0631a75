import type { Pull } from '../../trust/age/read-header.js';
import { expansionMax } from '../format/bundle-limits.js';
import { owned } from './decoded-frame-with-text-digests.js';
import { startExpansion } from './expansion-ratio-limit.js';
import { findFrameEnd, frameHeaderBytesMax, frameMagic, parseFrameHeader } from './zstd-frame-header.js';

/**
 * A frame as it lies in the file, or a place where there should be one and is none; `at` counts bytes from the file's
 * beginning.
 */
export type FrameEvent =
  | { readonly kind: 'frame'; readonly at: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'damage'; readonly at: number; readonly what: string };

/** Cuts a file into frames, one at a time. Null at its end. */
export type FrameScanner = { next(): Promise<FrameEvent | null> };

/**
 * Finds frames by walking their block headers. Behind damage it goes on at the next place that looks like a frame: that
 * may be inside the frame before, if it was that one's block sizes that were wrong.
 */
export function scanFrames(next: Pull): FrameScanner {
  let memory = Buffer.alloc(0); // used again and again
  let held = memory; // what was read and may still be needed; the beginning of `memory`
  let heldAt = 0; // where `held` begins in the file
  let at = 0; // where the next frame should begin, within `held`
  // Where the frame before began, within `held`, while that may have to be looked at again.
  let last: number | null = null;
  let ended = false;
  const expansion = startExpansion();

  const fill = async (): Promise<boolean> => {
    const piece = ended ? null : await next();
    if (piece === null) {
      ended = true;
      return false;
    }
    const keep = last ?? at;
    const left = held.length - keep;
    const room = left + piece.length <= memory.length ? memory : Buffer.allocUnsafeSlow(2 * (left + piece.length));
    held.copy(room, 0, keep);
    room.set(piece, left);
    memory = room;
    held = memory.subarray(0, left + piece.length);
    heldAt += keep;
    at -= keep;
    if (last !== null) last = 0;
    return true;
  };

  const frameHere = async (): Promise<number | string> => {
    while (held.length - at < frameHeaderBytesMax && (await fill()));
    const header = parseFrameHeader(held.subarray(at));
    if (header === 'short') return 'the file ends in the middle of a frame';
    if ('refused' in header) return header.refused;
    last = null;
    let end = findFrameEnd(held, header, at);
    while (end === 'short' && (await fill())) end = findFrameEnd(held, header, at);
    if (end === 'short') return 'the file ends in the middle of a frame';
    return typeof end === 'number' ? end : end.refused;
  };

  /** To the next place from `from` on that begins like a frame, or to the end. */
  const search = async (from: number): Promise<void> => {
    last = null;
    at = from;
    for (;;) {
      const found = held.indexOf(frameMagic, at);
      at = found >= 0 ? found : Math.max(at, held.length - frameMagic.length + 1);
      while (held.length - at < frameHeaderBytesMax && (await fill()));
      if (found < 0) {
        if (ended && held.indexOf(frameMagic, at) < 0) {
          at = held.length;
          return;
        }
        continue;
      }
      const header = parseFrameHeader(held.subarray(at));
      if (typeof header === 'object' && 'contentBytes' in header) return;
      at++;
    }
  };

  // Damage was told, and where it goes on is still to be found: not before somebody asks, as it may be far.
  let isLost = false;
  return {
    async next() {
      if (isLost) await search(last === null ? at + 1 : last + frameMagic.length);
      isLost = false;
      while (at === held.length) if (!(await fill())) return null;
      const end = await frameHere();
      if (typeof end === 'number') {
        const bytes = owned(new Uint8Array(held.subarray(at, end)));
        const place = heldAt + at;
        last = at;
        at = end;
        if (expansion.admits(bytes)) return { kind: 'frame', at: place, bytes };
        return {
          kind: 'damage',
          at: place,
          what: `so far it would unpack to more than ${expansionMax} times its size`,
        };
      }
      isLost = true;
      return { kind: 'damage', at: heldAt + at, what: end };
    },
  };
}
