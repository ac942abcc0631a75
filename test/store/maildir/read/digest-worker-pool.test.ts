import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../../../src/failure.js';
import { createDigestPool, type DigestPool } from '../../../../src/store/maildir/read/digest-worker-pool.js';
import { digestAll } from '../../../../src/store/maildir/read/try-digest-file.js';

/** More than all groups that are under way at a time, so that the reading is left in the middle. */
const files = 200;

function makeFiles(t: TestContext): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-digests-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return Array.from({ length: files }, (_, n) => {
    const path = join(directory, `${n}`);
    writeFileSync(path, `Subject: ${n}\n\n${'x'.repeat(n)}\n`);
    return path;
  });
}

/** How many of the answers for these files are not those for these files, or are missing. */
async function wrongAnswers(pool: DigestPool, paths: readonly string[]): Promise<number> {
  const answered: unknown[] = [];
  for await (const { from, answers } of pool.run(paths)) {
    for (const [index, answer] of answers.entries()) answered[from + index] = answer;
  }
  const expected = await digestAll(paths);
  return expected.filter((answer, index) => !isDeepStrictEqual(answer, answered[index])).length;
}

test('a reading that was left in the middle gives nothing to the next one', async (t) => {
  const paths = makeFiles(t);
  const pool = createDigestPool();
  t.after(() => pool.close());
  for await (const _group of pool.run(paths)) break;
  const others = paths.toReversed();
  assert.equal(await wrongAnswers(pool, others), 0);
  assert.equal(await wrongAnswers(pool, paths), 0);
});

test('two readings at a time do not mix', async (t) => {
  const paths = makeFiles(t);
  const pool = createDigestPool();
  t.after(() => pool.close());
  const both = await Promise.all([wrongAnswers(pool, paths), wrongAnswers(pool, paths.toReversed())]);
  assert.deepEqual(both, [0, 0]);
});

test('a file that cannot be read is answered with its errno, by threads and without', async (t) => {
  const paths = makeFiles(t);
  const [gone = '', closed = ''] = paths;
  rmSync(gone);
  chmodSync(closed, 0o000);
  const pool = createDigestPool();
  t.after(() => pool.close());
  assert.equal(await wrongAnswers(pool, paths), 0);
  for await (const { answers } of pool.run([gone])) assert.equal('errno' in (answers[0] ?? {}), true);
});

for (const count of [1, 40]) {
  test(`a signal ends the reading of ${count} files, however large one is`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'mrepl-digests-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const paths = Array.from({ length: count }, (_, n) => join(directory, `${n}`));
    for (const path of paths) writeFileSync(path, 'Subject: large\n\n');
    truncateSync(paths[0] ?? '', 2 ** 40); // without room on the disk: it would take minutes
    const controller = new AbortController();
    const pool = createDigestPool(controller.signal);
    t.after(() => pool.close());
    const reason = new Failure('interrupted', 'stopped');
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(async () => {
      for await (const _group of pool.run(paths));
    }, reason);
  });
}
