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

/** What was read of the file, and where the scanner stands in it. */
type Place = {
  readonly pull: Pull;
  /** Memory that is used again and again; `held` is the beginning of it. */
  memory: Buffer;
  /** What was read and may still be needed. */
  held: Buffer;
  /** Where `held` begins in the file. */
  heldAt: number;
  /** Where the next frame should begin, within `held`. */
  at: number;
  /** Where the frame before began, within `held`, while that may have to be looked at again. */
  last: number | null;
  /** Was all of the file read? */
  ended: boolean;
};

/**
 * Finds frames (RFC 8878, section 3.1.1) by walking their block headers; no more of a file than one frame is held.
 * Behind damage it goes on at the next place that looks like a frame: that may be inside the frame before, if it was
 * that one's block sizes that were wrong. Damage is an event; what `pull` throws comes through.
 */
export function scanFrames(pull: Pull): FrameScanner {
  const memory = Buffer.alloc(0);
  const place: Place = { pull, memory, held: memory, heldAt: 0, at: 0, last: null, ended: false };
  const expansion = startExpansion();
  // Damage was told, and where it goes on is still to be found: not before somebody asks, as it may be far.
  let isLost = false;
  return {
    async next() {
      if (isLost) await search(place, place.last === null ? place.at + 1 : place.last + frameMagic.length);
      isLost = false;
      while (place.at === place.held.length) if (!(await fill(place))) return null;
      const end = await findEnd(place);
      const at = place.heldAt + place.at;
      if (typeof end === 'string') {
        isLost = true;
        return { kind: 'damage', at, what: end };
      }
      const bytes = owned(new Uint8Array(place.held.subarray(place.at, end)));
      place.last = place.at;
      place.at = end;
      if (expansion.admits(bytes)) return { kind: 'frame', at, bytes };
      return { kind: 'damage', at, what: `so far it would unpack to more than ${expansionMax} times its size` };
    },
  };
}

/** Reads another piece of the file and forgets what is not needed any more; false at the end of the file. */
async function fill(place: Place): Promise<boolean> {
  const piece = place.ended ? null : await place.pull();
  if (piece === null) {
    place.ended = true;
    return false;
  }
  const { held, memory } = place;
  const keep = place.last ?? place.at;
  const left = held.length - keep;
  const room = left + piece.length <= memory.length ? memory : Buffer.allocUnsafeSlow(2 * (left + piece.length));
  held.copy(room, 0, keep);
  room.set(piece, left);
  place.memory = room;
  place.held = room.subarray(0, left + piece.length);
  place.heldAt += keep;
  place.at -= keep;
  if (place.last !== null) place.last = 0;
  return true;
}

/** Where, within what is held, the frame ends that begins here; a sentence's end about what is wrong with it. */
async function findEnd(place: Place): Promise<number | string> {
  while (place.held.length - place.at < frameHeaderBytesMax && (await fill(place)));
  const header = parseFrameHeader(place.held.subarray(place.at));
  if (header === 'short') return 'the file ends in the middle of a frame';
  if ('refused' in header) return header.refused;
  place.last = null;
  let end = findFrameEnd(place.held, header, place.at);
  while (end === 'short' && (await fill(place))) end = findFrameEnd(place.held, header, place.at);
  if (end === 'short') return 'the file ends in the middle of a frame';
  return typeof end === 'number' ? end : end.refused;
}

/** Goes to the next place, from `from` on, that begins like a frame, or to the end. */
async function search(place: Place, from: number): Promise<void> {
  place.last = null;
  place.at = from;
  for (;;) {
    const found = place.held.indexOf(frameMagic, place.at);
    place.at = found >= 0 ? found : Math.max(place.at, place.held.length - frameMagic.length + 1);
    while (place.held.length - place.at < frameHeaderBytesMax && (await fill(place)));
    if (found < 0) {
      if (place.ended && place.held.indexOf(frameMagic, place.at) < 0) {
        place.at = place.held.length;
        return;
      }
      continue;
    }
    const header = parseFrameHeader(place.held.subarray(place.at));
    if (typeof header === 'object' && 'contentBytes' in header) return;
    place.at++;
  }
}
