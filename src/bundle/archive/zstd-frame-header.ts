import { frameBytesMax, frameContentBytesMax, windowBytesMax } from '../format/bundle-limits.js';

/** The first four bytes of a zstd frame (RFC 8878, section 3.1.1). */
export const frameMagic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** Bytes of the longest frame header: magic, descriptor, window, dictionary id, content size. */
export const frameHeaderBytesMax = 18;

/** What a frame says of itself. `headerBytes` is where its first block begins. */
type FrameHeader = {
  readonly headerBytes: number;
  readonly contentBytes: number;
  readonly hasChecksum: boolean;
};

/**
 * The header of the frame at the beginning of `bytes`. 'short' where it does not end there; a string in `refused` says
 * why no decoder is to be called: it is no frame, or says no size, or would take more memory than agreed.
 */
export function parseFrameHeader(bytes: Uint8Array): FrameHeader | 'short' | { readonly refused: string } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 5) {
    return view.equals(frameMagic.subarray(0, view.length)) || view.length === 5
      ? 'short'
      : { refused: 'it does not begin like a zstd frame' };
  }
  if (!view.subarray(0, 4).equals(frameMagic)) return { refused: 'it does not begin like a zstd frame' };
  const descriptor = view[4] ?? 0;
  const sizeFlag = descriptor >> 6;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) return { refused: 'its header has a reserved bit set' };
  if ((descriptor & 0x03) !== 0) return { refused: 'it needs a dictionary' };
  if (sizeFlag === 0 && !isSingleSegment) return { refused: 'it does not say how much it holds' };
  const windowBytes = isSingleSegment ? 0 : 1;
  const sizeBytes = sizeFlag === 0 ? 1 : 1 << sizeFlag;
  const headerBytes = 5 + windowBytes + sizeBytes;
  if (view.length < headerBytes) return 'short';
  const contentBytes = contentSize(view, 5 + windowBytes, sizeBytes);
  if (contentBytes > frameContentBytesMax) return { refused: `it holds more than ${frameContentBytesMax} bytes` };
  if (contentBytes === 0) return { refused: 'it holds nothing' };
  if (!isSingleSegment && windowSize(view[5] ?? 0) > windowBytesMax) {
    return { refused: `it needs a window of more than ${windowBytesMax} bytes` };
  }
  return { headerBytes, contentBytes, hasChecksum: (descriptor & 0x04) !== 0 };
}

/** RFC 8878, section 3.1.1.1.2. */
function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(view: Buffer, at: number, sizeBytes: number): number {
  switch (sizeBytes) {
    case 1:
      return view.readUInt8(at);
    case 2:
      return view.readUInt16LE(at) + 256;
    case 4:
      return view.readUInt32LE(at);
    default:
      return Number(view.readBigUInt64LE(at));
  }
}

/**
 * Where the frame at `from` ends, found by walking its block headers; no content is looked at. 'short' where `bytes`
 * end before it does.
 */
export function findFrameEnd(
  bytes: Uint8Array,
  header: FrameHeader,
  from = 0,
): number | 'short' | { readonly refused: string } {
  let at = from + header.headerBytes;
  for (;;) {
    if (at - from > frameBytesMax) return { refused: `it is longer than ${frameBytesMax} bytes` };
    if (at + 3 > bytes.length) return 'short';
    const block = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    const type = (block >> 1) & 3;
    if (type === 3) return { refused: 'it has a block of a reserved type' };
    at += 3 + (type === 1 ? 1 : block >> 3); // a block of type 1 repeats one byte
    if ((block & 1) === 0) continue;
    if (header.hasChecksum) at += 4;
    if (at - from > frameBytesMax) return { refused: `it is longer than ${frameBytesMax} bytes` };
    return at > bytes.length ? 'short' : at;
  }
}
