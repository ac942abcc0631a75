import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drive, type Fuzzing } from './drive.js';

type FuzzCommand = Pick<Fuzzing, 'program' | 'heapMibMax' | 'caseMsMax'> & {
  /** `fuzz`, as `npm run` knows it. */
  readonly script: string;
  readonly cases: string;
  /** The option that leaves all cases out but those of one kind, and which there are. */
  readonly only: { readonly option: string; readonly kinds: readonly string[] };
};

/** The command line of a fuzzer: so many cases, from a seed, with a word on what became of them. Ends the process where one fails. */
export async function fuzzCommand({ script, cases, only, ...how }: FuzzCommand): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: cases },
      seed: { type: 'string' },
      first: { type: 'string', default: '0' },
      [only.option]: { type: 'string' },
    },
  });
  const count = Number(values.cases);
  const first = Number(values.first);
  const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed);
  const wanted: unknown = values[only.option];
  const kind = only.kinds.find((name) => name === wanted) ?? null;
  const isUsable =
    [count, first, seed].every(Number.isSafeInteger) && count > 0 && (kind !== null || wanted === undefined);
  if (!isUsable) {
    console.error(
      `usage: npm run ${script} -- --cases N --seed S [--first N] [--${only.option} ${only.kinds.join('|')}]`,
    );
    process.exit(2);
  }
  const startedMs = Date.now();
  const processes = availableParallelism();
  console.log(
    `${count} cases from seed ${seed}${kind === null ? '' : `, only ${kind}`}, in up to ${processes} processes`,
  );
  const onPassed = (done: number): void => console.log(`${done} passed`);
  const { done, verdicts, rssBytes, failures } = await drive({
    ...{ ...how, seed, first, count, only: kind, processes, onPassed },
  });
  for (const { index, complaint } of failures) {
    console.error(`seed ${seed}, case ${index}: ${complaint}`);
    const option = kind === null ? '' : ` --${only.option} ${kind}`;
    console.error(`again: npm run ${script} -- --cases 1 --seed ${seed} --first ${index}${option}`);
  }
  const spread = [...verdicts].sort().map(([verdict, cases]) => `${cases} ${verdict}`);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(0);
  console.log(
    `${done} cases in ${seconds} s: ${spread.join(', ')}; at most ${Math.round(rssBytes / 2 ** 20)} MiB of memory`,
  );
  if (failures.length > 0) process.exit(1);
}
