import { expansionFreeBytes, expansionMax } from '../format/bundle-limits.js';
import { parseFrameHeader } from './zstd-frame-header.js';

/** Counts what the frames of a file hold against the bytes of the file. */
type Expansion = {
  /** May this frame, whose header is good, still come? It is counted either way. */
  admits(frame: Uint8Array): boolean;
};

/** Counts from nothing; one is made for each bundle that is read. */
export function startExpansion(): Expansion {
  let frameBytes = 0;
  let contentBytes = 0;
  return {
    admits(frame) {
      const header = parseFrameHeader(frame);
      if (typeof header === 'object' && 'contentBytes' in header) contentBytes += header.contentBytes;
      frameBytes += frame.length;
      return contentBytes <= expansionFreeBytes + expansionMax * frameBytes;
    },
  };
}
