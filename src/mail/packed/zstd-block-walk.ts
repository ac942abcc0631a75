/**
 * Bytes of window that a zstd frame may ask for. Inclusive: RFC 8878, section 3.1.1.1.2, wants every decoder to take so
 * much, and the heap of the one in use takes no more. The levels that zstd has up to 19 stay within it.
 */
export const zstdWindowBytesMax = 8 << 20;

/**
 * Blocks that are given to the decoder at a time. A block unpacks to 128 KiB at most, which bounds what comes of a
 * step: 4 MiB.
 */
const blocksPerStep = 32;

/** Bytes that are given to it at a time: they are copied into its heap, which has little room beside a window. */
const stepBytesMax = 64 << 10;

/** `zstdWindowBytesMax` as a window descriptor. */
const windowDescriptorMax = (Math.log2(zstdWindowBytesMax) - 10) << 3;

const zstdMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50; // and the fifteen numbers that follow it

type WalkProblem = 'broken' | 'too-large';

/**
 * Follows the frames of a zstd file from header to header, as their sizes are written there: the decoder tells neither
 * a file that was cut off from a whole one, nor how much memory it is about to take.
 */
type ZstdWalk = {
  /** What the decoder is to be given for this piece, step by step; a step may be memory of the piece. */
  push(piece: Uint8Array): readonly Uint8Array[] | WalkProblem;
  /** Did it end behind a whole frame? */
  isWhole(): boolean;
  /**
   * Did a frame ask for a larger window, and was given the largest there is? All that comes of the file must then fit
   * into it: no match can reach back further.
   */
  isLowered(): boolean;
};

/** Where a walk stands in its file. */
type Walk = {
  /** Bytes of a frame header; they are held back until it is whole, as its window may be lowered. */
  header: number[];
  /** Bytes of a block header. */
  block: number[];
  inFrame: boolean;
  /** Bytes of block content, checksum or skippable content still to come. */
  left: number;
  /** Is it the frame's last block? */
  isLast: boolean;
  hasChecksum: boolean;
  /** Blocks begun since the last step. */
  blocks: number;
  /** Frames that are over. */
  frames: number;
  isLowered: boolean;
};

/**
 * A walk that stands at the beginning of a file (RFC 8878, section 3.1.1). Pieces may be cut anywhere. After a problem
 * nothing more may be pushed.
 */
export function startZstdWalk(): ZstdWalk {
  const walk: Walk = {
    header: [],
    block: [],
    inFrame: false,
    left: 0,
    isLast: false,
    hasChecksum: false,
    blocks: 0,
    frames: 0,
    isLowered: false,
  };
  return {
    push: (piece) => stepsOf(walk, piece),
    isWhole: () => walk.frames > 0 && !walk.inFrame && walk.left === 0 && walk.header.length === 0,
    isLowered: () => walk.isLowered,
  };
}

function stepsOf(walk: Walk, piece: Uint8Array): readonly Uint8Array[] | WalkProblem {
  const steps: Uint8Array[] = [];
  let from = 0; // what of the piece is not in a step yet
  const cut = (to: number): void => {
    if (to > from) steps.push(piece.subarray(from, to));
    from = to;
    walk.blocks = 0;
  };
  for (let at = 0; at < piece.length; ) {
    if (walk.left > 0) {
      const taken = Math.min(walk.left, piece.length - at, stepBytesMax - (at - from));
      walk.left -= taken;
      at += taken;
      endFrameWhereDone(walk);
    } else if (walk.inFrame) {
      walk.block.push(piece[at++] ?? 0);
      if (walk.block.length < 3) continue;
      if (!endBlockHeader(walk)) return 'broken';
      endFrameWhereDone(walk);
    } else {
      cut(at);
      walk.header.push(piece[at++] ?? 0);
      from = at;
      const ended = endHeader(walk);
      if (typeof ended === 'string') return ended;
      if (ended === null) continue;
      steps.push(ended);
      walk.header = [];
    }
    if (walk.blocks >= blocksPerStep || at - from >= stepBytesMax) cut(at);
  }
  cut(piece.length);
  return steps;
}

/** Null where more of the header is needed; else it is over, and is what the decoder gets. */
function endHeader(walk: Walk): Uint8Array | WalkProblem | null {
  const { header } = walk;
  if (header.length < 4) return null;
  const view = new DataView(Uint8Array.from(header).buffer);
  const magic = view.getUint32(0, true);
  if (magic >>> 4 === skippableMagic >>> 4 && walk.frames > 0) {
    if (header.length < 8) return null;
    walk.left = view.getUint32(4, true);
    return Uint8Array.from(header);
  }
  if (magic !== zstdMagic) return 'broken';
  if (header.length < 5 || header.length < 4 + frameHeaderBytes(view.getUint8(4))) return null;
  const frame = readFrameHeader(view);
  if (typeof frame === 'string') return frame;
  if (frame.windowBytes > zstdWindowBytesMax) {
    if (frame.isSingleSegment) return 'too-large';
    header[5] = windowDescriptorMax;
    walk.isLowered = true;
  }
  walk.hasChecksum = frame.hasChecksum;
  walk.inFrame = true;
  return Uint8Array.from(header);
}

/** False for a block of the type that is reserved. RFC 8878, section 3.1.1.2. */
function endBlockHeader(walk: Walk): boolean {
  const { block } = walk;
  const bits = (block[0] ?? 0) | ((block[1] ?? 0) << 8) | ((block[2] ?? 0) << 16);
  const type = (bits >> 1) & 3;
  walk.isLast = (bits & 1) === 1;
  // A block of type 1 is one byte that is repeated; behind the last block there may be a checksum.
  walk.left = (type === 1 ? 1 : bits >> 3) + (walk.isLast && walk.hasChecksum ? 4 : 0);
  walk.block = [];
  walk.blocks++;
  return type !== 3;
}

function endFrameWhereDone(walk: Walk): void {
  if (walk.left > 0 || !walk.isLast) return;
  walk.inFrame = false;
  walk.isLast = false;
  walk.frames++;
}

type FrameHeader = { readonly windowBytes: number; readonly isSingleSegment: boolean; readonly hasChecksum: boolean };

/** Bytes of a frame header with this descriptor, behind the magic number. RFC 8878, section 3.1.1.1. */
function frameHeaderBytes(descriptor: number): number {
  return 1 + ((descriptor & 0x20) === 0 ? 1 : 0) + dictionaryIdBytes(descriptor) + contentSizeBytes(descriptor);
}

function dictionaryIdBytes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] ?? 0;
}

function contentSizeBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  return [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
}

/** `view` is the magic number with the header behind it. */
function readFrameHeader(view: DataView): FrameHeader | WalkProblem {
  const descriptor = view.getUint8(4);
  if ((descriptor & 0x08) !== 0) return 'broken'; // a bit that is reserved
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryAt = isSingleSegment ? 5 : 6;
  const sizeAt = dictionaryAt + dictionaryIdBytes(descriptor);
  // Nobody has that dictionary.
  for (let at = dictionaryAt; at < sizeAt; at++) if (view.getUint8(at) !== 0) return 'broken';
  const windowBytes = isSingleSegment ? contentBytes(view, sizeAt) : windowOf(view.getUint8(5));
  return { windowBytes, isSingleSegment, hasChecksum: (descriptor & 0x04) !== 0 };
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentBytes(view: DataView, at: number): number {
  switch (contentSizeBytes(view.getUint8(4))) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + 256;
    case 4:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
