import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRequirements, searchPath } from './requirements.js';

/** What a script that runs long at random is given: a directory, and whom to tell how it goes. */
export type LongRun = {
  readonly directory: string;
  readonly startedMs: number;
  /** Prints a line with the seconds since the start before it. */
  say(line: string): void;
};

/** The seed that was asked for, or any. NaN where it is no number. */
export function seedOf(asked: string | undefined): number {
  return asked === undefined ? Date.now() % 1_000_000_000 : Number(asked);
}

/** Sees to it that the programs which a script runs are there; ends it where they cannot be had. */
export function requirePrograms(): void {
  process.env.PATH = searchPath(process.env.PATH ?? '');
  const command = installRequirements(process.env.PATH);
  if (command === null) return;
  console.error(`programs that this needs are missing. Run:\n  ${command}`);
  process.exit(1);
}

/**
 * Does the work in a directory of its own, which is removed where all went well; otherwise it is left, and `onFailure` and its path are printed.
 * What `work` throws is printed; it may also answer false.
 */
export async function runLong(
  { name, title, onFailure }: { readonly name: string; readonly title: string; readonly onFailure: string },
  work: (run: LongRun) => Promise<boolean>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), `mrepl-${name}-`));
  const startedMs = Date.now();
  const say = (line: string): void => console.log(`${((Date.now() - startedMs) / 1000).toFixed(0)} s: ${line}`);
  console.log(`${title}, in ${directory}`);
  let isWell = false;
  try {
    isWell = await work({ directory, startedMs, say });
  } catch (error) {
    console.error(error);
  }
  if (isWell) return rmSync(directory, { recursive: true, force: true });
  console.error(`${onFailure} in ${directory}`);
  process.exitCode = 1;
}
