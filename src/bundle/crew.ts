import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Failure } from '../failure.js';
import type { CodecName } from './frame-codec.js';
import { createPacker, type Packed, type Packer, type PackJob, type Unpacked, unpackFrame } from './frame-work.js';
import type { FrameReply, FrameRequest } from './frame-worker.js';
import { frameContentBytesMax } from './limits.js';
import { openCodec } from './open-codec.js';

/** Who makes and takes apart frames: threads, or for small jobs nobody but the caller. */
export type Crew = {
  /** How many jobs should be under way at a time. */
  readonly width: number;
  pack(job: PackJob): Promise<Packed>;
  /** The buffer of `frame` is handed over. */
  unpack(frame: Uint8Array<ArrayBuffer>): Promise<Unpacked>;
  close(): Promise<void>;
};

export type CrewOptions = { readonly threads: number; readonly codec: CodecName | null };

/** More threads than these wait for the disk or the stick, not for each other; and each takes some 40 MB. */
const threadsMax = { pack: 4, unpack: 2 } as const;

/** So many bytes of tar, inclusive, take less time here than threads take to start. */
const smallBytes = 4 << 20;

/** How many threads are worth starting for so many bytes; null: unknown. */
export function threadsFor(work: keyof typeof threadsMax, bytes: number | null): number {
  return bytes !== null && bytes <= smallBytes ? 0 : Math.min(availableParallelism(), threadsMax[work]);
}

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

type Waiting = { readonly resolve: (result: never) => void; readonly reject: (error: Error) => void };
type Member = { readonly worker: Worker; readonly waiting: Map<number, Waiting>; ended: Error | null };

function crewOfThreads(threads: number, codec: CodecName | null): Crew {
  const members = Array.from({ length: threads }, () => startMember(codec));
  let lastId = 0;
  const ask = <R>(
    request: FrameRequest extends infer _ ? Omit<FrameRequest, 'id'> : never,
    hand: ArrayBuffer[],
  ): Promise<R> => {
    const member = members.reduce((least, each) => (each.waiting.size < least.waiting.size ? each : least));
    lastId++;
    const id = lastId;
    return new Promise<R>((resolve, reject) => {
      if (member.ended !== null) throw member.ended;
      member.waiting.set(id, { resolve, reject });
      member.worker.postMessage({ id, ...request }, hand);
    });
  };
  return {
    width: 2 * threads,
    pack: (job) => ask<Packed>({ pack: job }, []),
    unpack: (frame) => ask<Unpacked>({ unpack: frame }, [frame.buffer]),
    async close() {
      await Promise.all(members.map(({ worker }) => worker.terminate()));
    },
  };
}

function startMember(codec: CodecName | null): Member {
  const worker = new Worker(new URL('./frame-worker.js', import.meta.url), {
    workerData: { codec },
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  const waiting = new Map<number, Waiting>();
  const member: Member = { worker, waiting, ended: null };
  const fail = (error: Error): void => {
    member.ended ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (reply: FrameReply) => {
    const one = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) one?.reject(reply.error);
    else one?.resolve(reply.result as never);
  });
  worker.on('error', (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => fail(new Failure('interrupted', 'working on a bundle: the thread was ended')));
  return member;
}
