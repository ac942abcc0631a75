import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Layer, runCase } from './fuzz-case.js';
import { makeScenes } from './scene.js';

export type FuzzJob = {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly layer: Layer | null;
};

/** `at`: the case that is begun now, so that a hang has a name. */
export type FuzzMessage = { readonly at: number } | { readonly answer: FuzzAnswer };

export type FuzzAnswer = {
  readonly cases: number;
  readonly verdicts: Readonly<Record<string, number>>;
  readonly failure: { readonly index: number; readonly complaint: string } | null;
  readonly rssBytes: number;
};

const directory = mkdtempSync(join(tmpdir(), 'mrepl-fuzz-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
const scenes = makeScenes(directory);

// One batch at a time: the next comes when the last is answered.
process.on('message', async (job: FuzzJob) => {
  tell({ answer: await runBatch(job) });
});

async function runBatch({ seed, from, count, layer }: FuzzJob): Promise<FuzzAnswer> {
  const verdicts: Record<string, number> = {};
  for (let index = from; index < from + count; index++) {
    tell({ at: index });
    const outcome = await runCase({ seed, index, layer }, await scenes, directory);
    if ('complaint' in outcome) {
      const failure = { index, complaint: outcome.complaint };
      return { cases: index - from + 1, verdicts, failure, rssBytes: process.memoryUsage().rss };
    }
    verdicts[outcome.verdict] = (verdicts[outcome.verdict] ?? 0) + 1;
  }
  return { cases: count, verdicts, failure: null, rssBytes: process.memoryUsage().rss };
}

function tell(message: FuzzMessage): void {
  process.send?.(message);
}
