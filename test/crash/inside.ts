import { hostname } from 'node:os';
import { runCommandLine } from '../../src/cli/run-command-line.js';

/** What a run of mrepl within this process came to. */
export type Outcome = { readonly status: number; readonly out: string; readonly err: string };

/** The machine a run takes place on, as `makeHost` has it. */
export type Machine = { readonly home: string; readonly env: Readonly<Record<string, string>> };

/** Above every process id the kernel gives: a process of such a number is dead, whoever asks. */
const deadPid = 5_000_000;

/** Between two runs, longer than any lock is respected that its owner has left behind. */
const betweenRunsMs = 200_000;

/** By so much each question about the time moves it on: who waits for a lock need not wait long. */
const perQuestionMs = 1500;

let runs = 0;

/** By so much the clock of the runs is ahead of the true one. */
let aheadMs = 0;

export function clockAheadMs(): number {
  return aheadMs;
}

/** Turns the clock back to when a scene began: after tens of thousands of runs, months would have gone by otherwise. */
export function turnClockTo(ms: number): void {
  aheadMs = ms;
}

/**
 * Runs mrepl in this process as if it were one of its own: with a process id that nobody has before or after, and later than the run before.
 */
export async function runInside({ home, env }: Machine, argv: readonly string[]): Promise<Outcome> {
  runs++;
  aheadMs += betweenRunsMs;
  const out: string[] = [];
  const err: string[] = [];
  const ownPid = process.pid;
  Object.defineProperty(process, 'pid', { value: deadPid + runs });
  try {
    const status = await runCommandLine(argv, {
      environment: {
        env,
        home,
        cwd: home,
        userName: 'alice',
        machineName: hostname(),
        nowMs: () => {
          aheadMs += perQuestionMs;
          return Date.now() + aheadMs;
        },
        program: ['node', 'mrepl'],
      },
      streams: {
        out: (text) => void out.push(text),
        err: (text) => void err.push(text),
        stdin: process.stdin,
        stdout: process.stdout,
        stderr: process.stderr,
        sink: () => process.stdout,
        source: () => process.stdin,
        ask: async () => null,
        askSecret: async () => null,
        trouble: async () => null,
      },
      interruption: { signal: new AbortController().signal, received: () => null, arm: () => undefined },
      version: 'test',
    });
    return { status, out: out.join(''), err: err.join('') };
  } finally {
    Object.defineProperty(process, 'pid', { value: ownPid });
  }
}
