import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';

/** What stock `age` prints for these arguments; null where it refuses. */
export function runAge(program: 'age' | 'age-keygen', args: readonly string[], input: Uint8Array | string = '') {
  const { status, stdout, error } = spawnSync(program, args, { input });
  if (error !== undefined) assert.fail(`${program} cannot be run; install the Debian package age`);
  return status === 0 ? stdout : null;
}
