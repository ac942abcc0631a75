import { parentPort, workerData } from 'node:worker_threads';
import type { CodecName } from './frame-codec.js';
import { type PackJob, packFrames, unpackFrame } from './frame-work.js';
import { frameContentBytesMax } from './limits.js';
import { openCodec } from './open-codec.js';

/** What a thread is asked, and what it answers; answers may come in another order. */
export type FrameRequest = { readonly id: number } & ({ readonly pack: PackJob } | { readonly unpack: Uint8Array });
export type FrameReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: Error };

const codec = openCodec((workerData as { readonly codec: CodecName | null } | null)?.codec ?? null);

parentPort?.on('message', async (request: FrameRequest) => {
  const { id } = request;
  try {
    if ('pack' in request) {
      const result = await packFrames(request.pack, await codec);
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
});
