import { workerData } from 'node:worker_threads';
import { answerRequests } from '../../workers/answer-requests-in-worker.js';
import type { Unpacked } from '../archive/decoded-frame-with-text-digests.js';
import { openCodec } from '../archive/open-zstd-codec.js';
import type { CodecName } from '../archive/zstd-frame-codec.js';
import { frameContentBytesMax } from '../format/bundle-limits.js';
import { createPacker, type Packed, type PackJob, unpackFrame } from './pack-and-unpack-frame.js';

/** What a thread is asked; a frame is handed over. */
export type FrameRequest = { readonly pack: PackJob } | { readonly unpack: Uint8Array };
export type FrameAnswer = Packed | Unpacked;

const codec = openCodec((workerData as { readonly codec: CodecName | null } | null)?.codec ?? null);
const packer = codec.then(createPacker);

answerRequests<FrameRequest, FrameAnswer>(async (request) => {
  if ('pack' in request) {
    const answer = await (await packer)(request.pack);
    return { answer, handOver: answer.frames.map(({ buffer }) => buffer as ArrayBuffer) };
  }
  const answer = unpackFrame(request.unpack, await codec, frameContentBytesMax);
  return 'bytes' in answer ? { answer, handOver: [answer.bytes.buffer as ArrayBuffer] } : { answer };
});
