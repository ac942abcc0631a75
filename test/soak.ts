import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { SoakAnswer, SoakJob } from './merge/soak-batch.js';

/** Schedules that share one seed: what has to be run again to see a failure. */
const batchSchedules = 500;

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '10000' }, seed: { type: 'string' } },
});
const total = Number(values.schedules);
const firstSeed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
if (!Number.isSafeInteger(total) || total < 1 || !Number.isSafeInteger(firstSeed)) {
  console.error('usage: npm run soak -- --schedules N --seed S');
  process.exit(2);
}

const jobs: SoakJob[] = [];
for (let done = 0; done < total; done += batchSchedules) {
  jobs.push({ seed: firstSeed + done / batchSchedules, schedules: Math.min(batchSchedules, total - done) });
}
const rounds = new Map<number, number>();
let done = 0;
let limited = 0;
let accidents = 0;
let lies = 0;
let stories = 0;
let hostile = 0;
let failed = false;
const startedMs = Date.now();
console.log(`${total} schedules from seed ${firstSeed}, on ${availableParallelism()} threads`);

await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));

const spread = [...rounds]
  .filter(([n]) => Number.isFinite(n))
  .sort(([a], [b]) => a - b)
  .map(([n, count]) => `${count} after ${n}`);
const disagreed = rounds.get(Number.POSITIVE_INFINITY) ?? 0;
console.log(
  `${done} schedules, ${limited} of them with limited rights, ${accidents} with backups put back or disks copied, ${lies} with hosts that lie, ${stories} with hosts that tell two stories, ${hostile} with hosts that lie and may do little, in ${((Date.now() - startedMs) / 1000).toFixed(0)} s; agreed: ${spread.join(', ')} rounds; ${disagreed} were told two stories and need not`,
);
if (failed) process.exitCode = 1;

async function work(): Promise<void> {
  const worker = new Worker(new URL('./soak-worker.js', import.meta.url));
  try {
    for (let job = jobs.shift(); job !== undefined && !failed; job = jobs.shift()) {
      const answer = await ask(worker, job);
      for (const [n, count] of answer.rounds) rounds.set(n, (rounds.get(n) ?? 0) + count);
      done += answer.schedules;
      limited += answer.limited;
      accidents += answer.accidents;
      lies += answer.lies;
      stories += answer.stories;
      hostile += answer.hostile;
      if (answer.failure !== null) {
        failed = true;
        console.error(answer.failure);
      } else if (Math.floor(done / 10_000) > Math.floor((done - answer.schedules) / 10_000)) {
        console.log(`${done} passed`);
      }
    }
  } finally {
    await worker.terminate();
  }
}

async function ask(worker: Worker, job: SoakJob): Promise<SoakAnswer> {
  worker.postMessage(job);
  const [answer] = await once(worker, 'message'); // rejects where the worker dies
  return answer as SoakAnswer;
}
