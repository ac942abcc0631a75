import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drive } from '../fuzz/drive.js';
import { caseMsMax } from './files-case.js';

// The same cases at every run; `npm run fuzz:files` takes others, and as many as it is told to.
const seed = 20080101;

test('whatever stands on a stick or in a store under a name that is used, a run ends, harms nothing, and the next goes on', async () => {
  const { done, verdicts, failures } = await drive({
    program: fileURLToPath(new URL('./files-process.js', import.meta.url)),
    ...{ seed, first: 0, count: 200, only: null, processes: 1, heapMibMax: 512, caseMsMax },
  });
  assert.deepEqual(failures, []);
  assert.equal(done, 200);
  // A fuzzer that never comes to what it plants would find nothing.
  assert.ok((verdicts.get('done') ?? 0) > 50 && (verdicts.get('refused') ?? 0) > 0, [...verdicts].join(', '));
});
