import { relative, resolve } from 'node:path';

/** So many of the files are named. */
const namedCount = 10;

type Ended = {
  readonly type: string;
  readonly data?: {
    readonly name?: string;
    readonly file?: string;
    readonly details?: { readonly duration_ms?: number };
  };
};

/** A reporter of Node's test runner: which test files took longest, from the start of their processes to the end. */
// biome-ignore lint/style/noDefaultExport: by this Node finds a reporter in a module
export default async function* slowestFiles(events: AsyncIterable<Ended>): AsyncGenerator<string> {
  const took = new Map<string, number>();
  for await (const { type, data } of events) {
    const { name, file, details } = data ?? {};
    // The end of a file is told as that of a test which has the name of the file.
    if (type !== 'test:complete' || name === undefined || file === undefined || resolve(name) !== file) continue;
    took.set(relative('.', file), details?.duration_ms ?? 0);
  }
  const slowest = [...took].sort(([, a], [, b]) => b - a).slice(0, namedCount);
  if (took.size <= namedCount) return;
  yield `of ${took.size} test files these took longest, in seconds:\n`;
  for (const [file, ms] of slowest) yield `${(ms / 1000).toFixed(1).padStart(7)}  ${file}\n`;
}
