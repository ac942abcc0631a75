import { setTimeout } from 'node:timers/promises';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { Failure, invariant } from '../failure.js';

/**
 * What a thread is asked, and what it answers: by the number of the request, as nobody may be waiting for an answer any
 * more.
 */
export type PoolRequest = { readonly id: number; readonly request: unknown };
export type PoolReply = { readonly id: number } & (
  | { readonly result: unknown }
  | { readonly failure: Pick<Failure, 'code' | 'message' | 'hint' | 'endsRun'> }
  | { readonly error: unknown }
);

/**
 * Threads that answer requests. They start when they are first needed, one that dies is replaced, and idle ones keep no
 * process alive.
 */
export type WorkerPool<Request, Answer> = {
  /**
   * Asks the thread that has least to do. What the thread throws is thrown here, and so is the end of one that died
   * over it: to those that it was to answer, and to nobody else. An answer may be left unawaited. The buffers of
   * `handOver` are not to be used here any more.
   */
  ask(request: Request, handOver?: readonly ArrayBuffer[]): Promise<Answer>;
  /**
   * Ends all threads; what was not answered by then fails. A thread in the middle of a system call ends after it: that
   * is awaited for a short while, and keeps the process from its end. May be called twice; nothing may be asked
   * afterwards.
   */
  close(): Promise<void>;
};

type WorkerPoolOptions = {
  /** The script of a thread; it calls `answerRequests`. */
  readonly script: URL;
  readonly threads: number;
  readonly workerData?: unknown;
  readonly resourceLimits?: ResourceLimits;
};

/** How long the end of a thread is awaited, in milliseconds. */
const endMsMax = 500;

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (cause: unknown) => void };
type Thread = { readonly worker: Worker; readonly waiting: Map<number, Waiting> };

/** The threads of one pool, by place; null where none runs. */
type Threads = {
  readonly options: WorkerPoolOptions;
  readonly running: (Thread | null)[];
  /** The number of the last request. */
  lastId: number;
  isClosed: boolean;
};

/**
 * A pool of `options.threads` threads that run `options.script`. It starts none before it is asked; whoever makes it
 * closes it, unless the process ends anyhow.
 */
export function createWorkerPool<Request, Answer>(options: WorkerPoolOptions): WorkerPool<Request, Answer> {
  const running = Array.from({ length: options.threads }, () => null);
  const threads: Threads = { options, running, lastId: 0, isClosed: false };
  return {
    ask: (request, handOver = []) => askLeastBusy<Answer>(threads, request, handOver),
    close: () => endAll(threads),
  };
}

function askLeastBusy<Answer>(threads: Threads, request: unknown, handOver: readonly ArrayBuffer[]): Promise<Answer> {
  invariant(!threads.isClosed, 'a thread is asked after all of them were ended');
  const thread = leastBusy(threads);
  threads.lastId += 1;
  const id = threads.lastId;
  const answer = new Promise<Answer>((resolve, reject) => {
    thread.worker.ref();
    thread.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
    const message: PoolRequest = { id, request };
    try {
      thread.worker.postMessage(message, handOver);
    } catch (cause) {
      settle(threads, thread, id);
      throw cause; // what cannot be handed over
    }
  });
  answer.catch(() => undefined); // whoever asked may have gone since
  return answer;
}

async function endAll(threads: Threads): Promise<void> {
  threads.isClosed = true;
  const ending = threads.running.map((thread) => {
    // Else the process may end, with status 13, while it waits for nothing but the end of an idle thread.
    thread?.worker.ref();
    return thread?.worker.terminate();
  });
  if (threads.running.every((thread) => thread === null)) return;
  const late = new AbortController();
  await Promise.race([Promise.all(ending), setTimeout(endMsMax, undefined, { signal: late.signal })]);
  late.abort();
}

/** A thread that is idle or, while there may be more, a new one; else the one with the fewest requests. */
function leastBusy(threads: Threads): Thread {
  let least: Thread | null = null;
  let free = -1;
  for (const [place, thread] of threads.running.entries()) {
    if (thread === null) free = free < 0 ? place : free;
    else if (least === null || thread.waiting.size < least.waiting.size) least = thread;
  }
  if (least !== null && (least.waiting.size === 0 || free < 0)) return least;
  return start(threads, free);
}

function start(threads: Threads, place: number): Thread {
  const { script, workerData, resourceLimits } = threads.options;
  const worker = new Worker(script, { workerData, ...(resourceLimits && { resourceLimits }) });
  const thread: Thread = { worker, waiting: new Map() };
  worker.unref();
  const end = (cause: unknown): void => {
    if (threads.running[place] === thread) threads.running[place] = null; // the next request starts another
    const waiting = [...thread.waiting.values()];
    thread.waiting.clear();
    for (const { reject } of waiting) reject(cause);
  };
  worker.on('message', (reply: PoolReply) => take(threads, thread, reply));
  worker.on('messageerror', end);
  worker.on('error', end);
  worker.on('exit', (status) => end(endOf(threads, status)));
  threads.running[place] = thread;
  return thread;
}

function take(threads: Threads, thread: Thread, reply: PoolReply): void {
  const one = settle(threads, thread, reply.id);
  if ('result' in reply) one?.resolve(reply.result);
  else if ('error' in reply) one?.reject(reply.error);
  else one?.reject(new Failure(reply.failure.code, reply.failure.message, failureDetails(reply.failure)));
}

/** Whoever waits for this answer waits no longer; a thread that nobody waits for keeps no process alive. */
function settle({ isClosed }: Threads, thread: Thread, id: number): Waiting | undefined {
  const one = thread.waiting.get(id);
  thread.waiting.delete(id);
  if (thread.waiting.size === 0 && !isClosed) thread.worker.unref();
  return one;
}

function endOf({ isClosed }: Threads, status: number): Failure {
  if (isClosed) return new Failure('interrupted', 'the work of a thread was not awaited');
  return new Failure('internal', `internal error: a thread ended with status ${status} before it had answered`);
}

function failureDetails({ hint, endsRun }: Pick<Failure, 'hint' | 'endsRun'>): { hint?: string; endsRun: boolean } {
  return { endsRun, ...(hint === undefined ? {} : { hint }) };
}
