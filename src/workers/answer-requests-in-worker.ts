import { parentPort } from 'node:worker_threads';
import { Failure } from '../failure.js';
import type { PoolReply, PoolRequest } from './worker-pool.js';

type Answered<Answer> = {
  readonly answer: Answer;
  /** Buffers that are handed over with it. */
  readonly handOver?: readonly ArrayBuffer[];
};

/**
 * In a thread of a pool: answers its requests with what `work` gives, one after the other in the order in which they
 * came. Does nothing where the script is not run as a thread.
 */
export function answerRequests<Request, Answer>(
  work: (request: Request) => Answered<Answer> | Promise<Answered<Answer>>,
): void {
  const port = parentPort;
  if (port === null) return;
  const answer = async ({ id, request }: PoolRequest): Promise<void> => {
    try {
      const { answer: result, handOver = [] } = await work(request as Request);
      port.postMessage({ id, result } satisfies PoolReply, handOver);
    } catch (cause) {
      port.postMessage(failed(id, cause));
    }
  };
  let last: Promise<void> = Promise.resolve();
  port.on('message', (message: PoolRequest) => {
    last = last.then(() => answer(message));
  });
}

/** A Failure loses its code on the way to another thread; so it is taken apart. */
function failed(id: number, cause: unknown): PoolReply {
  if (!(cause instanceof Failure)) return { id, error: cause instanceof Error ? cause : new Error(String(cause)) };
  const { code, message, hint, endsRun } = cause;
  return { id, failure: { code, message, hint, endsRun } };
}
