import { Failure, invariant } from '../../failure.js';
import { frameContentBytesMax } from '../format/bundle-limits.js';
import { findFrameEnd, parseFrameHeader } from './zstd-frame-header.js';

/** One zstd frame at a time, whole: neither codec can be trusted with more, or less (see `frameCodec`). */
export type FrameCodec = {
  readonly name: CodecName;
  /** One frame with its content size in the header. `bytes` is neither empty nor more than `frameContentBytesMax`. */
  compressFrame(bytes: Uint8Array): Uint8Array;
  /**
   * What the one frame that `frame` is holds, which is as much as its header says and no more than `sizeBytesMax`.
   * Throws `bundle-damaged` for anything else. That the content is right it cannot say: flipped bits may well decode.
   */
  decompressFrame(frame: Uint8Array, sizeBytesMax: number): Uint8Array;
};

export type CodecName = 'native' | 'wasm';

/** A codec as its library gives it; errors are thrown or null. */
type RawCodec = {
  compress(bytes: Uint8Array): Uint8Array | null;
  decompress(frame: Uint8Array, contentBytes: number): Uint8Array | null;
};

/**
 * Guards a library: the header is read before and the length compared after. Of the two in use one decodes truncated
 * frames without error, the other decodes the first of several frames and forgets the rest, and both would unpack 4 GB
 * of zeros from 123 KB.
 */
export function frameCodec(name: CodecName, raw: RawCodec): FrameCodec {
  return {
    name,
    compressFrame(bytes) {
      invariant(bytes.length > 0 && bytes.length <= frameContentBytesMax, `a frame of ${bytes.length} bytes`);
      const frame = raw.compress(bytes);
      invariant(frame !== null, 'zstd could not compress');
      const header = parseFrameHeader(frame);
      invariant(typeof header === 'object' && 'contentBytes' in header, 'zstd wrote a frame that no reader takes');
      invariant(header.contentBytes === bytes.length, 'zstd wrote another size than it was given');
      return frame;
    },
    decompressFrame(frame, sizeBytesMax) {
      const header = parseFrameHeader(frame);
      if (header === 'short') throw damaged('it is cut off');
      if ('refused' in header) throw damaged(header.refused);
      if (header.contentBytes > sizeBytesMax) throw damaged(`it holds more than ${sizeBytesMax} bytes`);
      const end = findFrameEnd(frame, header);
      if (end === 'short') throw damaged('it is cut off');
      if (typeof end === 'object') throw damaged(end.refused);
      if (end !== frame.length) throw damaged('something follows it');
      let bytes: Uint8Array | null;
      try {
        bytes = raw.decompress(frame, header.contentBytes);
      } catch (cause) {
        throw damaged('it cannot be decoded', cause);
      }
      if (bytes === null || bytes.length !== header.contentBytes) throw damaged('it cannot be decoded');
      return bytes;
    },
  };
}

function damaged(what: string, cause?: unknown): Failure {
  return new Failure('bundle-damaged', `decoding a zstd frame: ${what}`, { cause });
}
