import type { MediumRoom } from '../../medium/free-space.js';

/** What one run may write, and how much of it is left. */
export type Allowance = {
  /** Bytes that the next bundle may have. Infinity where nothing is known to limit it. */
  fileBytes(): number;
  /** Bytes of content that may be tried for it: the more, the better what was written compressed. */
  contentBytes(): number;
  /** Bytes that no bundle can ever have, at no other time. */
  readonly everBytesMax: number;
  /** Is it as much as the run began with? */
  isAmple(): boolean;
  /** Is it enough to begin another bundle with? */
  isWorthwhile(): boolean;
  /** What ends it: the user's word, or the medium. */
  limit(): 'max-size' | 'room' | 'file-size';
  /** A bundle was written, or would be (`isForeseen`); its content could have come to `boundBytes`. */
  used(sizeBytes: number, boundBytes: number, how?: { readonly isForeseen: boolean }): void;
  /** Files were removed; in a dry run (`foreseenBytes`) so many bytes would be. */
  freed(foreseenBytes: number): void;
  /**
   * It came to more than there was room for: the next try is smaller. `refusedAt`: the medium took so many bytes, and
   * no more.
   */
  failed(refusedAt: { readonly bytes: number; readonly isFileLimit: boolean } | null): void;
};

/**
 * What a bundle may come out larger than what was written so far lets one expect: one mailbox is not like the other.
 */
const ratioMargin = 1.1;

/** By how much less is tried after a bundle that came to more than there was room for. */
const smaller = 0.7;

/** With less than this share of the room that it began with a run does not begin another bundle. */
const worthwhileShare = 1 / 16;

/** What is left free of a medium that turned out to be full: of its own needs, and for the other hosts. */
const reservedShare = 1 / 64;

/** Begins a run. `maxBytes`: what the user allows. */
export function startAllowance({
  maxBytes,
  room,
}: {
  readonly maxBytes: number;
  readonly room: () => MediumRoom;
}): Allowance {
  let writtenBytes = 0;
  let boundBytes = 0;
  let foreseenBytes = 0;
  let fileBytesMax = Number.POSITIVE_INFINITY;
  let freeBytesMax = Number.POSITIVE_INFINITY;
  let tries = 0;
  const limits = () => {
    const { fileBytesMax: known, freeBytes } = room();
    return [
      ['max-size', maxBytes - writtenBytes],
      ['room', Math.min(freeBytes - foreseenBytes, freeBytesMax)],
      ['file-size', Math.min(known, fileBytesMax)],
    ] as const;
  };
  const fileBytes = (): number =>
    Math.max(
      0,
      limits().reduce((least, [, bytes]) => Math.min(least, bytes), Number.POSITIVE_INFINITY),
    );
  let ampleBytes = fileBytes();
  return {
    fileBytes,
    everBytesMax: maxBytes,
    contentBytes() {
      const ratio = boundBytes === 0 ? 1 : Math.min(1, (writtenBytes / boundBytes) * ratioMargin);
      return (fileBytes() / ratio) * smaller ** tries;
    },
    isWorthwhile: () => fileBytes() >= ampleBytes * worthwhileShare,
    isAmple: () => fileBytes() >= ampleBytes,
    limit: () => limits().reduce((least, one) => (one[1] < least[1] ? one : least))[0],
    used(sizeBytes, bound, { isForeseen } = { isForeseen: false }) {
      writtenBytes += sizeBytes;
      boundBytes += bound;
      if (isForeseen) foreseenBytes += sizeBytes;
      freeBytesMax -= sizeBytes;
      tries = 0;
    },
    freed(bytes) {
      foreseenBytes -= bytes;
      ampleBytes = Math.max(ampleBytes, fileBytes());
    },
    failed(refusedAt) {
      const before = fileBytes();
      if (refusedAt?.isFileLimit === true) fileBytesMax = refusedAt.bytes;
      else if (refusedAt !== null) freeBytesMax = Math.floor(refusedAt.bytes * (1 - reservedShare));
      // What could not be known when the run began will not be at the next either.
      if (refusedAt !== null && (refusedAt.isFileLimit || writtenBytes === 0)) {
        ampleBytes = Math.min(ampleBytes, fileBytes());
      }
      if (boundBytes > 0 || fileBytes() >= before) tries += 1;
    },
  };
}
