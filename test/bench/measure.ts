import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Measured = {
  readonly wallS: number;
  /** User and system time of the program and of all that it waited for. */
  readonly cpuS: number;
  /** Resident memory at its peak, of the largest process. */
  readonly peakBytes: number;
};

export type MeasuredProgram = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** GNU time, which asks the kernel what a whole tree of processes has used. */
export const timeProgram = '/usr/bin/time';

/** Runs a program to its end and measures it from outside. Fails where it does not end with status 0. */
export async function measure({ argv, cwd, env }: MeasuredProgram, scratch: string): Promise<Measured> {
  const report = join(scratch, 'time.txt');
  const begin = process.hrtime.bigint();
  const child = spawn(timeProgram, ['-q', '-o', report, '-f', '%U %S %M', ...argv], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      said += String(piece);
    });
  }
  const [status] = await once(child, 'close');
  const wallS = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${status}\n${said}`);
  const [user = Number.NaN, system = Number.NaN, peakKb = Number.NaN] = readFileSync(report, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
  return { wallS, cpuS: user + system, peakBytes: peakKb * 1024 };
}

/** System calls of a whole tree of processes, as strace counts them; null where there is no strace. */
export function countSystemCalls({ argv, cwd, env }: MeasuredProgram, scratch: string): number | null {
  if (!isProgram('strace')) return null;
  const report = join(scratch, 'strace.txt');
  const { status } = spawnSync('strace', ['-f', '-qq', '-c', '-U', 'name,calls', '-o', report, ...argv], {
    cwd,
    env,
    stdio: 'ignore',
  });
  if (status !== 0) return null;
  const total = /^total\s+(\d+)|^\s*(\d+)\s+total/m.exec(readFileSync(report, 'utf8'));
  return total === null ? null : Number(total[1] ?? total[2]);
}

/** Is there such a program in one of the usual places? */
export function isProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => existsSync(join(directory, name)));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
