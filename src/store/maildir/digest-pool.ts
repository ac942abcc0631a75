import { Worker } from 'node:worker_threads';
import { Failure } from '../../failure.js';
import { digestAll, type FileAnswer } from './digest-worker.js';

/** Threads that read and hash message files. They start with the first large job and end with `close`. */
export type DigestPool = {
  /** Answers for `paths`, in their order, a group at a time. */
  run(paths: readonly string[]): AsyncIterable<{ readonly from: number; readonly answers: readonly FileAnswer[] }>;
  close(): Promise<void>;
};

/** One reads while the other hashes; more bring little, as the disk is one. */
const threads = 2;

/** Files handed to a thread at a time: large enough that passing them costs nothing beside reading them. */
const groupFiles = 64;

/** So few files, inclusive, are read here: threads take 30 ms to start. */
const smallJobFiles = 24;

export function createDigestPool(): DigestPool {
  const workers: Worker[] = [];

  function worker(index: number): Worker {
    const existing = workers[index];
    if (existing !== undefined) return existing;
    const started = new Worker(new URL('./digest-worker.js', import.meta.url));
    started.unref();
    workers[index] = started;
    return started;
  }

  async function* runInThreads(paths: readonly string[]) {
    let next = 0;
    const running = new Map<number, Promise<{ thread: number; from: number; answers: readonly FileAnswer[] }>>();
    const start = (thread: number): void => {
      if (next >= paths.length) return;
      const from = next;
      next += groupFiles;
      const answers = ask(worker(thread), paths.slice(from, next));
      running.set(
        thread,
        answers.then((list) => ({ thread, from, answers: list })),
      );
    };
    for (let thread = 0; thread < threads; thread++) start(thread);
    while (running.size > 0) {
      const done = await Promise.race(running.values());
      running.delete(done.thread);
      start(done.thread);
      yield { from: done.from, answers: done.answers };
    }
  }

  return {
    async *run(paths) {
      if (paths.length > smallJobFiles) yield* runInThreads(paths);
      else if (paths.length > 0) yield { from: 0, answers: await digestAll(paths) };
    },
    async close() {
      await Promise.all(workers.splice(0).map((one) => one.terminate()));
    },
  };
}

function ask(worker: Worker, paths: readonly string[]): Promise<readonly FileAnswer[]> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      worker.unref();
    };
    const onMessage = (answers: readonly FileAnswer[]): void => {
      settle();
      resolve(answers);
    };
    const onError = (error: unknown): void => {
      settle();
      reject(error);
    };
    const onExit = (): void => {
      settle();
      reject(new Failure('interrupted', 'reading messages: the thread was ended'));
    };
    worker.ref();
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(paths);
  });
}
