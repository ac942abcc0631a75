import { crc32 } from 'node:zlib';
import { startTextMarks, type TextMarks } from './rolling-prefix-hash.js';

/**
 * Length and CRC-32 of a canonical text behind its first empty line, and the marks of all of it. Not proof against
 * anybody: it tells what a user or a mail program rewrote from a text that was damaged.
 */
export type BodySum = { readonly sizeBytes: number; readonly crc: number; readonly marks: TextMarks };

/** The same as far as it is known: of texts that were read long ago nobody has the marks. */
export type KnownBody = Pick<BodySum, 'sizeBytes' | 'crc'> & { readonly marks: TextMarks | null };

const LF = 0x0a;
const emptyLine = Buffer.from('\n\n');

/** Sums up a canonical text that comes in pieces. */
export function startBodySum(): { push(piece: Uint8Array): void; end(): BodySum } {
  let isInBody = false;
  let endsLine = true; // an empty first line is an empty header
  let sizeBytes = 0;
  let crc = 0;
  const marking = startTextMarks();
  const take = (part: Uint8Array): void => {
    sizeBytes += part.length;
    crc = crc32(part, crc);
  };
  return {
    push(piece) {
      if (piece.length === 0) return;
      marking.push(piece);
      if (isInBody) return take(piece);
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      const isAtBody = endsLine && bytes[0] === LF;
      const at = isAtBody ? 0 : bytes.indexOf(emptyLine) + 1;
      endsLine = bytes.at(-1) === LF;
      if (!isAtBody && at === 0) return;
      isInBody = true;
      take(bytes.subarray(at + 1));
    },
    end: () => ({ sizeBytes, crc, marks: marking.end() }),
  };
}

/** The checksum of the body of a whole text that is at hand. */
export function bodySumOf(text: Uint8Array): BodySum {
  const sum = startBodySum();
  sum.push(text);
  return sum.end();
}

/** Are the bodies the same, but for chance? A CRC is no proof against whoever wants it to be. */
export function sameBody(a: Omit<BodySum, 'marks'>, b: Omit<BodySum, 'marks'>): boolean {
  return a.sizeBytes === b.sizeBytes && a.crc === b.crc;
}
