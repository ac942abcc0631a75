import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Cases of a seed, by number. `only`: of this kind. */
export type FuzzJob = {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly only: string | null;
};

/** `at`: the case that is begun now, so that a hang has a name. */
export type FuzzMessage = { readonly at: number } | { readonly answer: FuzzAnswer };

export type FuzzAnswer = {
  readonly cases: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly failure: { readonly index: number; readonly complaint: string } | null;
  /** The most that the process has ever taken. */
  readonly rssBytes: number;
};

/** What became of a case, or what is wrong with this program. */
export type CaseOutcome = { readonly verdict: string } | { readonly complaint: string };

/** A directory of this process, which goes with it. */
export function directoryOfProcess(prefix: string): string {
  const directory = mkdtempSync(join(tmpdir(), prefix));
  process.once('exit', () => {
    try {
      rmSync(directory, { recursive: true, force: true });
    } catch {
      // It lies in a directory of another user, who removes it.
    }
  });
  process.once('SIGTERM', () => process.exit(0));
  process.once('disconnect', () => process.exit(0));
  return directory;
}

/**
 * Runs the jobs that the parent process sends, in what was `made` for all of them, one at a time: the next comes when the last is answered.
 */
export function serveCases<T>(
  made: Promise<T>,
  runCase: (world: T, job: FuzzJob, index: number) => Promise<CaseOutcome>,
): void {
  const tell = (message: FuzzMessage): void => void process.send?.(message);
  const runJob = async (job: FuzzJob): Promise<FuzzAnswer> => {
    const world = await made;
    const { from, count } = job;
    const verdicts: Record<string, number> = {};
    const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
    for (let index = from; index < from + count; index++) {
      tell({ at: index });
      const outcome = await runCase(world, job, index);
      if ('complaint' in outcome) {
        const failure = { index, complaint: outcome.complaint };
        return { cases: index - from + 1, verdicts, failure, rssBytes: peakBytes() };
      }
      verdicts[outcome.verdict] = (verdicts[outcome.verdict] ?? 0) + 1;
    }
    return { cases: count, verdicts, failure: null, rssBytes: peakBytes() };
  };
  process.on('message', async (job: FuzzJob) => {
    tell({ answer: await runJob(job) });
  });
}
