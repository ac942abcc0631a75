import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuzzAnswer, FuzzJob, FuzzMessage } from './serve-cases.js';

export type Fuzzing = {
  /** What serves the cases (`serveCases`). */
  readonly program: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  readonly only: string | null;
  readonly processes: number;
  /** What runs away takes no more than this, and ends its own process. */
  readonly heapMibMax: number;
  /** Longer than this is a hang, also on a busy machine. */
  readonly caseMsMax: number;
  /** Told whenever so many cases have passed. */
  readonly onPassed?: (done: number) => void;
};

export type Fuzzed = {
  readonly done: number;
  readonly verdicts: ReadonlyMap<string, number>;
  /** The most that any of the processes took. */
  readonly rssBytes: number;
  readonly failures: readonly { readonly index: number; readonly complaint: string }[];
};

/** Cases that a process is given at a time. */
const batchCases = 200;

/** Longer than this nobody makes the things that all cases begin with. */
const setUpMsMax = 300_000;

/** Cases between two words on how far it is. */
const passedEvery = 10_000;

/** Runs the cases in processes of their own, and watches over them: one that ends the process, or does not come to an end, is told with its number. */
export async function drive(fuzzing: Fuzzing): Promise<Fuzzed> {
  const { seed, first, count, only } = fuzzing;
  const jobs: FuzzJob[] = [];
  for (let from = first; from < first + count; from += batchCases) {
    jobs.push({ seed, from, only, count: Math.min(batchCases, first + count - from) });
  }
  const verdicts = new Map<string, number>();
  const failures: Fuzzed['failures'][number][] = [];
  let done = 0;
  let rssBytes = 0;
  const work = async (): Promise<void> => {
    const execArgv = [`--max-old-space-size=${fuzzing.heapMibMax}`];
    const child = fork(fuzzing.program, { execArgv, env: { ...process.env, TMPDIR: directory } });
    try {
      for (let job = jobs.shift(); job !== undefined && failures.length === 0; job = jobs.shift()) {
        const answer = await ask(child, job, fuzzing.caseMsMax);
        for (const [verdict, cases] of Object.entries(answer.verdicts)) {
          verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + cases);
        }
        done += answer.cases;
        rssBytes = Math.max(rssBytes, answer.rssBytes);
        if (answer.failure !== null) failures.push(answer.failure);
        else if (Math.floor(done / passedEvery) > Math.floor((done - answer.cases) / passedEvery)) {
          fuzzing.onPassed?.(done);
        }
      }
    } finally {
      const ended = once(child, 'exit');
      // It may be in the middle of what does not come to an end, or have ended.
      if (
        child.exitCode === null &&
        child.signalCode === null &&
        child.kill(failures.length > 0 ? 'SIGKILL' : 'SIGTERM')
      )
        await ended;
    }
  };
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-fuzzing-'));
  chmodSync(directory, 0o711); // the processes may run as somebody else, and cannot tidy up then
  try {
    await Promise.all(Array.from({ length: Math.min(fuzzing.processes, jobs.length) }, work));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return { done, verdicts, rssBytes, failures };
}

async function ask(child: ChildProcess, job: FuzzJob, caseMsMax: number): Promise<FuzzAnswer> {
  let index = job.from;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<FuzzAnswer>((resolve) => {
      const giveUp = (complaint: string): void => {
        const failure = { index, complaint };
        resolve({ cases: index - job.from + 1, verdicts: {}, failure, rssBytes: 0 });
      };
      const watch = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => giveUp('it does not come to an end'), ms);
      };
      child.removeAllListeners();
      child.once('exit', (status, signal) => giveUp(`the process ended with ${signal ?? status}`));
      child.on('message', (message: FuzzMessage) => {
        watch(caseMsMax);
        if ('answer' in message) resolve(message.answer);
        else index = message.at;
      });
      watch(setUpMsMax);
      child.send(job);
    });
  } finally {
    clearTimeout(timer);
  }
}
