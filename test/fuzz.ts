import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseMsMax, type Layer, layers } from './fuzz/fuzz-case.js';
import type { FuzzAnswer, FuzzJob, FuzzMessage } from './fuzz/fuzz-process.js';

// Alters valid bundles at every layer, and reads, merges and imports what comes of it: `npm run fuzz -- --cases N --seed S [--layer L]`.
// A case is known by seed and number: `--first` begins with another one than the first.

/** What runs away takes no more than this, and ends its own process. */
const heapMibMax = 1024;

/** Cases that a process is given at a time. */
const batchCases = 200;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string' },
    layer: { type: 'string' },
    first: { type: 'string', default: '0' },
  },
});
const total = Number(values.cases);
const first = Number(values.first);
const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
const layer = layers.find((name) => name === values.layer) ?? null;
const isUsable =
  [total, first, seed].every(Number.isSafeInteger) && total > 0 && (layer !== null || values.layer === undefined);
if (!isUsable) {
  console.error(`usage: npm run fuzz -- --cases N --seed S [--first N] [--layer ${layers.join('|')}]`);
  process.exit(2);
}

const jobs: FuzzJob[] = [];
for (let from = first; from < first + total; from += batchCases) {
  jobs.push({ seed, from, layer, count: Math.min(batchCases, first + total - from) });
}
const verdicts = new Map<string, number>();
let done = 0;
let failures = 0;
let rssBytes = 0;
const startedMs = Date.now();
const processes = Math.min(availableParallelism(), jobs.length);
console.log(`${total} cases from seed ${seed}${named(layer)}, in ${processes} processes`);

await Promise.all(Array.from({ length: processes }, work));

const spread = [...verdicts].sort().map(([verdict, count]) => `${count} ${verdict}`);
const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
console.log(
  `${done} cases in ${seconds} s: ${spread.join(', ')}; at most ${Math.round(rssBytes / 2 ** 20)} MiB of memory`,
);
if (failures > 0) process.exit(1);

function named(name: Layer | null): string {
  return name === null ? '' : `, only the layer ${name}`;
}

async function work(): Promise<void> {
  const program = fileURLToPath(new URL('./fuzz/fuzz-process.js', import.meta.url));
  const child = fork(program, { execArgv: [`--max-old-space-size=${heapMibMax}`] });
  try {
    for (let job = jobs.shift(); job !== undefined && failures === 0; job = jobs.shift()) {
      const answer = await ask(child, job);
      for (const [verdict, count] of Object.entries(answer.verdicts)) {
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + count);
      }
      done += answer.cases;
      rssBytes = Math.max(rssBytes, answer.rssBytes);
      if (answer.failure !== null) tell(answer.failure.index, answer.failure.complaint);
      else if (Math.floor(done / 10_000) > Math.floor((done - answer.cases) / 10_000)) console.log(`${done} passed`);
    }
  } finally {
    child.kill(failures > 0 ? 'SIGKILL' : 'SIGTERM'); // it may be in the middle of what does not come to an end
  }
}

function tell(index: number, complaint: string): void {
  failures++;
  console.error(`seed ${seed}, case ${index}: ${complaint}`);
  console.error(
    `again: npm run fuzz -- --cases 1 --seed ${seed} --first ${index}${layer === null ? '' : ` --layer ${layer}`}`,
  );
}

/** Watches over it: a case that ends the process, or does not come to an end, is told with its number. */
async function ask(child: ChildProcess, job: FuzzJob): Promise<FuzzAnswer> {
  let index = job.from;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzAnswer>((resolve) => {
      const giveUp = (complaint: string): void => {
        const failure = { index, complaint };
        resolve({ cases: index - job.from + 1, verdicts: {}, failure, rssBytes: 0 });
      };
      const watch = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => giveUp('it does not come to an end'), 2 * caseMsMax);
      };
      child.removeAllListeners();
      child.once('exit', (status, signal) => giveUp(`the process ended with ${signal ?? status}`));
      child.on('message', (message: FuzzMessage) => {
        watch();
        if ('answer' in message) resolve(message.answer);
        else index = message.at;
      });
      watch();
      child.send(job);
    });
  } finally {
    clearTimeout(timer);
  }
}
