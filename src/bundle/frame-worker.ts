import { parentPort, workerData } from 'node:worker_threads';
import type { CodecName } from './frame-codec.js';
import { createPacker, type PackJob, unpackFrame } from './frame-work.js';
import { frameContentBytesMax } from './limits.js';
import { openCodec } from './open-codec.js';

/** What a thread is asked, and what it answers; answers may come in another order. */
export type FrameRequest = { readonly id: number } & ({ readonly pack: PackJob } | { readonly unpack: Uint8Array });
export type FrameReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: Error };

const codec = openCodec((workerData as { readonly codec: CodecName | null } | null)?.codec ?? null);

const packer = codec.then(createPacker);
let last: Promise<void> = Promise.resolve();

parentPort?.on('message', (request: FrameRequest) => {
  last = last.then(() => answer(request));
});

async function answer(request: FrameRequest): Promise<void> {
  const { id } = request;
  try {
    if ('pack' in request) {
      const result = await (await packer)(request.pack);
      parentPort?.postMessage(
        { id, result },
        result.frames.map(({ buffer }) => buffer as ArrayBuffer),
      );
    } else {
      const result = unpackFrame(request.unpack, await codec, frameContentBytesMax);
      parentPort?.postMessage({ id, result }, 'bytes' in result ? [result.bytes.buffer as ArrayBuffer] : []);
    }
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    parentPort?.postMessage({ id, error });
  }
}
