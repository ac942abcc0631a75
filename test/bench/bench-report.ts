import { cpus, loadavg, release, totalmem } from 'node:os';
import { type Measured, median } from './measure.js';

/** With a wider spread than this, of the highest to the lowest, a contender says nothing of anybody else. Exclusive. */
export const spreadMax = 2;

/** A row of the table, in the order of rows. */
export type BenchRow = {
  readonly what: string;
  /** The row that it is set in relation to. */
  readonly against: string | null;
};

/** What was found in one place. */
export type BenchResults = {
  readonly place: string;
  readonly messages: number;
  readonly measured: ReadonlyMap<string, readonly Measured[]>;
  /** Of the whole command. */
  readonly systemCalls: ReadonlyMap<string, number>;
};

/** Ratios of an earlier run, by place and row: `{"memory, 20000 messages": {"mrepl init": [cpu, wall]}}`. */
export type Baseline = Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>>;

/** The table of one place, in Markdown. */
export function tableOf(results: BenchResults, rows: readonly BenchRow[], baseline: Baseline): string[] {
  const lines = rows.flatMap((row) => lineOf(results, row, baseline) ?? []);
  return [
    '| what | CPU s | wall s | CPU / contender | wall / contender | before | peak memory | system calls a message |',
    '|---|---|---|---|---|---|---|---|',
    ...lines,
  ];
}

function lineOf(results: BenchResults, { what, against }: BenchRow, baseline: Baseline): string | null {
  const mine = results.measured.get(what);
  if (mine === undefined) return null;
  const [cpu, wall] = ratiosOf(results, { what, against }) ?? [null, null];
  const before = baseline[results.place]?.[what];
  const calls = results.systemCalls.get(what);
  const cells = [
    what.replaceAll('|', '\\|'),
    rangeOf(mine.map(({ cpuS }) => cpuS)),
    rangeOf(mine.map(({ wallS }) => wallS)),
    against === null ? '' : shown(cpu),
    against === null ? '' : shown(wall),
    before === undefined ? '' : `${shown(before[0])}, ${shown(before[1])}`,
    `${(Math.max(...mine.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0)} MB`,
    calls === undefined ? '' : (calls / results.messages).toFixed(1),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Medians of CPU and wall time over those of the contender; null where that one was too unsteady, or is not there. */
export function ratiosOf({ measured }: BenchResults, { what, against }: BenchRow): readonly [number, number] | null {
  const mine = measured.get(what);
  const theirs = against === null ? undefined : measured.get(against);
  if (mine === undefined || theirs === undefined) return null;
  const ratio = (of: (one: Measured) => number): number => {
    const values = theirs.map(of);
    if (Math.max(...values) > spreadMax * Math.min(...values)) return Number.NaN;
    return median(mine.map(of)) / median(values);
  };
  return [ratio(({ cpuS }) => cpuS), ratio(({ wallS }) => wallS)];
}

function shown(ratio: number | null): string {
  if (ratio === null) return 'not there';
  return Number.isNaN(ratio) ? 'unsteady' : `${ratio.toFixed(2)}x`;
}

function rangeOf(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
}

/** The machine, as far as it matters. */
export function machineText(nodeVersion: string): string {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? Number.NaN;
  const memory = `${(totalmem() / 1e6).toFixed(0)} MB of memory`;
  return `Node ${nodeVersion}, Linux ${release()}, ${cpus().length} x ${cpu?.model.trim()}, ${memory}; load at the end ${load.toFixed(1)}`;
}
