import { untilAborted } from '../../../fs/stop-if-aborted.js';
import { createWorkerPool, type WorkerPool } from '../../../workers/worker-pool.js';
import { digestAll, type FileAnswer } from './try-digest-file.js';

/** Threads that read and hash message files. They start with the first large job and end with `close`. */
export type DigestPool = {
  /** Answers for `paths`, each group in their order; the groups come as they are done. May be left before its end. */
  run(paths: readonly string[]): AsyncIterable<{ readonly from: number; readonly answers: readonly FileAnswer[] }>;
  close(): Promise<void>;
};

/** One reads while the other hashes; more bring little, as the disk is one. */
const threads = 2;

/** Files handed to a thread at a time: large enough that passing them costs nothing beside reading them. */
const groupFiles = 64;

/** So few files, inclusive, are read here: threads take 30 ms to start. */
const smallJobFiles = 24;

/** `signal` ends a reading at once, with its reason; the threads go on until `close`. */
export function createDigestPool(signal?: AbortSignal): DigestPool {
  const pool: WorkerPool<readonly string[], readonly FileAnswer[]> = createWorkerPool({
    script: new URL('./digest-worker.js', import.meta.url),
    threads,
  });

  async function* runInThreads(paths: readonly string[]) {
    type Group = { readonly from: number; readonly answers: readonly FileAnswer[] };
    const running = new Map<number, Promise<Group>>();
    let next = 0;
    const start = (): void => {
      if (next >= paths.length) return;
      const from = next;
      next += groupFiles;
      const group = pool.ask(paths.slice(from, next)).then((answers): Group => ({ from, answers }));
      group.catch(() => undefined); // asked for in its turn, unless nobody reads on
      running.set(from, group);
    };
    for (let thread = 0; thread < threads; thread++) start();
    while (running.size > 0) {
      const done = await untilAborted(Promise.race(running.values()), signal);
      running.delete(done.from);
      start();
      yield done;
    }
  }

  return {
    async *run(paths) {
      if (paths.length > smallJobFiles) yield* runInThreads(paths);
      else if (paths.length > 0) yield { from: 0, answers: await digestAll(paths, signal) };
    },
    close: () => pool.close(),
  };
}
