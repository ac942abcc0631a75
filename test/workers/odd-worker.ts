import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Failure } from '../../src/failure.js';
import { answerRequests } from '../../src/workers/answer-requests-in-worker.js';

// A thread that does what it is asked, some of which no thread should.

export type OddRequest =
  | { readonly say: string; readonly afterMs?: number }
  | { readonly fail: 'failure' | 'error' }
  | { readonly die: 'exit' | 'uncaught' }
  | { readonly count: Uint8Array };

answerRequests<OddRequest, string | number>(async (request) => {
  if ('say' in request) {
    await sleep(request.afterMs ?? 0);
    return { answer: `${String(workerData)} ${request.say}` };
  }
  if ('count' in request) return { answer: request.count.length, handOver: [request.count.buffer as ArrayBuffer] };
  if ('fail' in request) {
    throw request.fail === 'error' ? new RangeError('odd') : new Failure('bundle-damaged', 'odd', { hint: 'even' });
  }
  if (request.die === 'exit') process.exit(7);
  setImmediate(() => {
    throw new RangeError('uncaught');
  });
  return sleep(60_000, { answer: 'never' });
});
