/**
 * Marks show of a text, long after it is gone, whether another one is merely its beginning: one bit at each of many
 * places, that of a running hash of what stands before the place. A beginning of the text has the same marks as far as
 * it goes, always. A text that differs from it somewhere has others with a chance of one half at each place behind;
 * only one that differs nowhere but in its last few bytes is taken for a beginning for certain. No small sum could do
 * better for every length.
 *
 * The places are near one another at the beginning, where users write, and farther apart towards the end of large
 * texts: 48 bytes of marks for a letter of 1 KiB, 72 for 4 KiB, 109 for 100 kB, 162 for 10 MB.
 */
export type TextMarks = { readonly sizeBytes: number; readonly bits: Uint8Array };

/** The least distance of two places, in bytes. */
const gapMin = 2;

/**
 * Places between one power of two and the next, as a power of two: in the first 2 KiB, exclusive, and from there on.
 */
const placesPerOctaveLog2 = { near: 7, far: 6 } as const;
const nearOctaves = 11;

/**
 * So many bytes, at most, before each place go into the hash: with more of a large text it would take as long as the
 * guid.
 */
const windowMax = 16;

/** FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
const basis = 0x811c9dc5;
const prime = 0x01000193;

/** Spreads the differences of two hashes over all bits. */
const mixer = 0x9e3779b1;

function gapAt(offset: number): number {
  const octave = 31 - Math.clz32(offset | 1);
  const log2 = octave - (octave < nearOctaves ? placesPerOctaveLog2.near : placesPerOctaveLog2.far);
  return log2 < 1 ? gapMin : 1 << log2;
}

/** Offsets beyond this have no place: `gapAt` counts in 32 bits. No message is that large. */
const offsetMax = 2 ** 31;

/** Marks a text that comes in pieces. */
export function startTextMarks(): { push(piece: Uint8Array): void; end(): TextMarks } {
  let hash = basis;
  let position = 0;
  let place = gapMin;
  let windowStart = 0;
  let count = 0;
  let bits = new Uint8Array(64);
  const mark = (): void => {
    if (count >> 3 === bits.length) {
      const grown = new Uint8Array(2 * bits.length);
      grown.set(bits);
      bits = grown;
    }
    const bit = Math.imul(hash ^ (hash >>> 15), mixer) >>> 31;
    bits[count >> 3] = (bits[count >> 3] as number) | (bit << (count & 7));
    count++;
    const gap = gapAt(place);
    windowStart = place + gap - Math.min(gap, windowMax);
    place += gap;
  };
  return {
    push(piece) {
      const end = position + piece.length;
      for (;;) {
        const to = Math.min(place, end);
        const from = Math.max(windowStart, position) - position;
        let running = hash; // one that is shared with other functions is several times slower
        for (let at = from; at < to - position; at++) running = Math.imul(running ^ (piece[at] as number), prime);
        hash = running;
        windowStart = Math.max(windowStart, to);
        if (place > end || place >= offsetMax) break;
        mark();
      }
      position = end;
    },
    end: () => ({ sizeBytes: position, bits: bits.slice(0, (count + 7) >> 3) }),
  };
}

/** May this be a beginning of the text, or all of it? Never false where it is. */
export function mayBeginWith({ sizeBytes, bits: known }: TextMarks, beginning: Uint8Array): boolean {
  if (beginning.length > sizeBytes) return false;
  const marking = startTextMarks();
  marking.push(beginning);
  const { bits } = marking.end();
  let places = 0;
  for (let place = gapMin; place <= beginning.length && place < offsetMax; place += gapAt(place)) places++;
  for (let index = 0; index < bits.length; index++) {
    const counted = Math.min(8, places - 8 * index);
    const mask = (1 << counted) - 1;
    if (((bits[index] as number) & mask) !== ((known[index] ?? 0) & mask)) return false;
  }
  return true;
}
