import { availableParallelism } from 'node:os';
import { createWorkerPool, type WorkerPool } from '../../workers/worker-pool.js';
import type { Unpacked } from '../archive/decoded-frame-with-text-digests.js';
import { openCodec } from '../archive/open-zstd-codec.js';
import type { CodecName } from '../archive/zstd-frame-codec.js';
import { frameContentBytesMax } from '../format/bundle-limits.js';
import type { FrameAnswer, FrameRequest } from './frame-worker.js';
import { createPacker, type Packed, type Packer, type PackJob, unpackFrame } from './pack-and-unpack-frame.js';

/** Who makes and takes apart frames: threads, or for small jobs nobody but the caller. */
export type Crew = {
  /** How many jobs should be under way at a time. */
  readonly width: number;
  pack(job: PackJob): Promise<Packed>;
  /** The buffer of `frame` is handed over. */
  unpack(frame: Uint8Array<ArrayBuffer>): Promise<Unpacked>;
  close(): Promise<void>;
};

type CrewOptions = { readonly threads: number; readonly codec: CodecName | null };

/** More threads than these wait for the disk or the stick, not for each other; and each takes some 40 MB. */
const threadsMax = { pack: 4, unpack: 2 } as const;

/** So many bytes of tar, inclusive, take less time here than threads take to start. */
const smallBytes = 4 << 20;

/** How many threads are worth starting for so many bytes; null: unknown. */
export function threadsFor(work: keyof typeof threadsMax, bytes: number | null): number {
  return bytes !== null && bytes <= smallBytes ? 0 : Math.min(availableParallelism(), threadsMax[work]);
}

/**
 * A crew of so many threads; with none of them the frames are packed and unpacked in this one. Threads start when they
 * are first needed; the crew has to be closed.
 */
export function startCrew({ threads, codec }: CrewOptions): Crew {
  return threads === 0 ? crewOfOne(codec) : crewOfThreads(threads, codec);
}

function crewOfOne(name: CodecName | null): Crew {
  let codec: ReturnType<typeof openCodec> | null = null;
  let packer: Packer | null = null;
  const opened = (): ReturnType<typeof openCodec> => {
    codec ??= openCodec(name);
    return codec;
  };
  return {
    width: 1,
    pack: async (job) => {
      packer ??= createPacker(await opened());
      return packer(job);
    },
    unpack: async (frame) => unpackFrame(frame, await opened(), frameContentBytesMax),
    close: async () => undefined,
  };
}

function crewOfThreads(threads: number, codec: CodecName | null): Crew {
  const pool: WorkerPool<FrameRequest, FrameAnswer> = createWorkerPool({
    script: new URL('./frame-worker.js', import.meta.url),
    threads,
    workerData: { codec },
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  return {
    width: 2 * threads,
    pack: (job) => pool.ask({ pack: job }) as Promise<Packed>,
    unpack: (frame) => pool.ask({ unpack: frame }, [frame.buffer]) as Promise<Unpacked>,
    close: () => pool.close(),
  };
}
