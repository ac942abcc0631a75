import { parentPort } from 'node:worker_threads';
import { type SoakJob, soakBatch } from './merge/soak-batch.js';

// One batch at a time: the next comes when the last is answered.
parentPort?.on('message', (job: SoakJob) => {
  parentPort?.postMessage(soakBatch(job));
});
