import { Failure } from '../../failure.js';
import { type CodecName, type FrameCodec, frameCodec } from './zstd-frame-codec.js';

/** Measured on real mail: level 3 loses little time against 1 and 2 and is 6% smaller than 1. */
const level = 3;

/** What Node's zlib has from 22.15 on; the types in use are those of Node 20. */
type NativeZstd = {
  zstdCompressSync(bytes: Uint8Array, options: { params: Record<number, number>; pledgedSrcSize: number }): Buffer;
  zstdDecompressSync(frame: Uint8Array, options: { maxOutputLength: number }): Buffer;
  constants: { ZSTD_c_compressionLevel: number };
};

/** The codecs of this Node, the better one first. */
export function availableCodecs(): readonly CodecName[] {
  return nativeZstd() === null ? ['wasm'] : ['native', 'wasm'];
}

/** WebAssembly takes 30 ms to start and 16 MiB: one for each thread, once. */
let wasm: Promise<FrameCodec> | null = null;

/** Opens a codec, by default the best there is. */
export async function openCodec(name: CodecName | null = null): Promise<FrameCodec> {
  if ((name ?? availableCodecs()[0]) === 'native') return openNative();
  wasm ??= openWasm();
  return wasm;
}

function nativeZstd(): NativeZstd | null {
  // Asked for here, as a run that packs and unpacks nothing does without it.
  const library: object = process.getBuiltinModule('node:zlib');
  return 'zstdCompressSync' in library && 'zstdDecompressSync' in library ? (library as NativeZstd) : null;
}

function openNative(): FrameCodec {
  const zstd = nativeZstd();
  if (zstd === null) throw new Failure('internal', 'opening zstd: this Node has none of its own');
  const params = { [zstd.constants.ZSTD_c_compressionLevel]: level };
  return frameCodec('native', {
    compress: (bytes) => zstd.zstdCompressSync(bytes, { params, pledgedSrcSize: bytes.length }),
    decompress: (frame, contentBytes) => zstd.zstdDecompressSync(frame, { maxOutputLength: contentBytes }),
  });
}

async function openWasm(): Promise<FrameCodec> {
  const { ZstdCodec } = await import('zstd-codec');
  const codec = await new Promise<import('zstd-codec').SimpleCodec>((resolve) => {
    ZstdCodec.run(({ Simple }) => resolve(new Simple()));
  });
  return frameCodec('wasm', {
    compress: (bytes) => codec.compress(bytes, level),
    decompress: (frame) => codec.decompress(frame),
  });
}
