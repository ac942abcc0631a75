import type { Binding } from 'zstd-codec/lib/module.js';
import type { Sink } from './unpack-sink.js';
import { startZstdWalk, zstdWindowBytesMax } from './zstd-block-walk.js';

type Loaded = { readonly binding: Binding };

/** WebAssembly takes 30 ms to start and 16 MiB: one for each thread, once it is needed. */
let loaded: Promise<Loaded> | null = null;

/**
 * Unpacks zstd frames, one after the other, into a sink. Answers why that cannot be done; null where it was, or the
 * sink had enough.
 */
export async function unzstd(pieces: Iterable<Uint8Array>, sink: Sink): Promise<'broken' | 'too-large' | null> {
  loaded ??= load();
  const { binding } = await loaded;
  const walk = startZstdWalk();
  const stream = new binding.ZstdDecompressStreamBinding();
  try {
    if (!stream.begin()) return 'broken';
    for (const piece of pieces) {
      const steps = walk.push(piece);
      if (typeof steps === 'string') return steps;
      for (const step of steps) {
        if (!stream.transform(step, sink.take)) return 'broken';
        if (sink.problem() !== null) return null;
        if (walk.isLowered() && sink.sizeBytes() > zstdWindowBytesMax) return 'too-large';
      }
    }
    if (!walk.isWhole() || !stream.end(sink.take)) return 'broken';
    return walk.isLowered() && sink.sizeBytes() > zstdWindowBytesMax ? 'too-large' : null;
  } catch (error) {
    loaded = null; // its heap was too small, and it is of no use any more
    if (isOfWasm(error)) return 'too-large';
    throw error;
  } finally {
    if (loaded !== null) stream.delete();
  }
}

async function load(): Promise<Loaded> {
  const { run } = await import('zstd-codec/lib/module.js');
  return new Promise((resolve) => run((binding) => resolve({ binding })));
}

function isOfWasm(error: unknown): boolean {
  return typeof error === 'string' || (error instanceof Error && /abort\(/.test(error.message));
}
