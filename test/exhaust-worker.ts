import { parentPort, workerData } from 'node:worker_threads';
import { Explorer, type History } from './merge/exhaust-search.js';
import type { Setting } from './merge/exhaust-world.js';

// Some histories at a time: the next come when the last are answered.
const explorer = new Explorer(workerData as Setting);

parentPort?.on('message', ({ histories, isLast }: { histories: readonly History[]; isLast: boolean }) => {
  parentPort?.postMessage(histories.map((history) => explorer.expand(history, isLast)));
});
