import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export type Measured = {
  readonly seconds: number /** Peak resident memory of the process itself, not of its children. */;
  readonly peakBytes: number;
};

/** How often a process is asked for its peak. The peak only rises, so that only growth in the very last moments can be missed. */
const pollMs = 20;

/** Runs a program to its end and measures it from outside. Fails where it does not end with status 0. */
export async function measure(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Measured> {
  const [file = '', ...args] = argv;
  const begin = process.hrtime.bigint();
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (piece) => {
      said += String(piece);
    });
  }
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0));
  }, pollMs);
  const [status] = await once(child, 'exit');
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  clearInterval(timer);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${String(status)}\n${said}`);
  return { seconds, peakBytes };
}

function peakOf(pid: number): number {
  try {
    const match = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0; // it has ended
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
