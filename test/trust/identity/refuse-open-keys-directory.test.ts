import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { refuseOpenDirectory } from '../../../src/trust/identity/refuse-open-keys-directory.js';
import { scratch } from '../../end-to-end/site.js';

function keysIn(directory: string): string {
  const account = join(directory, 'mrepl', 'alice');
  mkdirSync(account, { recursive: true, mode: 0o700 });
  return join(account, 'keys');
}

function refused(keys: string, message: RegExp): void {
  assert.throws(
    () => refuseOpenDirectory(keys),
    (error) => error instanceof Failure && error.code === 'config' && message.test(error.message),
  );
}

test('a directory of keys that others may write is refused, and so is one above it', (t) => {
  const keys = keysIn(scratch(t));
  for (const directory of [dirname(keys), dirname(dirname(keys))]) {
    for (const mode of [0o770, 0o702, 0o777, 0o2775]) {
      chmodSync(directory, mode);
      refused(keys, new RegExp(`the directory ${directory}, .* may be written by others; nothing was opened`));
    }
    for (const mode of [0o700, 0o755, 0o711]) {
      chmodSync(directory, mode);
      refuseOpenDirectory(keys);
    }
  }
});

test('a sticky directory above it is as good as one that is its own', (t) => {
  const keys = keysIn(scratch(t));
  chmodSync(dirname(dirname(keys)), 0o1777);
  refuseOpenDirectory(keys);
  chmodSync(dirname(keys), 0o1777);
  refused(keys, /may be written by others/);
});

test('one that is not there yet is nobody’s', (t) => {
  refuseOpenDirectory(join(scratch(t), 'no', 'such', 'keys'));
});

test('one of another user is refused', { skip: process.geteuid?.() !== 0 && 'only root gives files away' }, (t) => {
  const keys = keysIn(scratch(t));
  chownSync(dirname(keys), 12_345, 12_345);
  refused(keys, /belongs to another user/);
});
