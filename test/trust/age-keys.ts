import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { AgeKeys } from '../../src/trust/host-keys.js';

/** What stock `age` prints for these arguments; null where it refuses. */
export function runAge(program: 'age' | 'age-keygen', args: readonly string[], input: Uint8Array | string = '') {
  const { status, stdout, error } = spawnSync(program, args, { input });
  if (error !== undefined) assert.fail(`${program} cannot be run; install the Debian package age`);
  return status === 0 ? stdout : null;
}

/** Keys as stock age-keygen makes them. */
export const ageKeys: AgeKeys = {
  createSecret: () => /^AGE-SECRET-KEY-1.*$/m.exec(String(runAge('age-keygen', [])))?.[0] ?? '',
  recipientOf: (secret) => runAge('age-keygen', ['-y'], `${secret}\n`)?.toString().trim() ?? null,
};
