import type { SoakFigures } from './soak-run.js';

/** The figures as a table, as they stand in RESULTS.md. */
export function summaryOf(figures: SoakFigures, how: { hosts: number; seed: number; seconds: number }): string {
  const { tally } = figures;
  const listed = (prefix: string): string =>
    tally
      .list(prefix)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const rows: readonly (readonly [string, string])[] = [
    ['hosts, seed, time', `${how.hosts}, ${how.seed}, ${how.seconds.toFixed(0)} s`],
    ['exchanges', String(tally.of('exchange'))],
    ['ended with status', listed('status: ')],
    ['faults', listed('fault: ')],
    ['changes by users', listed('change: ')],
    ['texts delivered, expunged', `${figures.texts}, ${figures.expunges}`],
    ['equal after', `${figures.rounds} rounds in peace, with ${figures.messages} messages on every host`],
    [
      'largest catalog, stick',
      `${kilobytes(figures.catalogBytesMax)}, ${kilobytes(figures.stickBytesMax)} in ${figures.bundlesMax} bundles`,
    ],
    ['open files, at a quarter and at the end', figures.handles.join(', ')],
    ['heap in use', figures.heapBytes.map(kilobytes).join(', ')],
    ['memory of the process', figures.residentBytes.map(kilobytes).join(', ')],
  ];
  return ['| what | |', '|---|---|', ...rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n');
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
