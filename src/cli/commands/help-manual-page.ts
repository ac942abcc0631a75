import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../failure.js';
import type { Context } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { installation } from '../context/installation-root.js';
import { shellWord } from '../options/quote-words.js';

/**
 * Shows a manual page of this installation by man(1), at a terminal; elsewhere, and where there is no man(1), says
 * where the page is. Answers the exit status. Throws `io` where the page is missing from the installation.
 */
export function showManualPage(fileName: string, { environment, streams }: Context): number {
  const root = installation()?.root;
  const path = root === undefined ? fileName : join(root, 'man', fileName);
  if (!existsSync(path)) {
    throw new Failure('io', `the manual page ${fileName} is missing from this installation`, {
      hint: 'Install mrepl again.',
    });
  }
  if (streams.stdout.isTTY === true) {
    const { status } = spawnSync('man', [path], { stdio: 'inherit', env: environment.env });
    if (status === 0) return exitStatus.done;
  }
  streams.out(`The manual page is ${path}. To read it:\n  man ${shellWord(path)}\n`);
  return exitStatus.done;
}
