import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createWorkerPool, type WorkerPool } from '../../src/workers/worker-pool.js';
import type { OddRequest } from './odd-worker.js';

const script = new URL('./odd-worker.js', import.meta.url);

function makePool(t: TestContext, threads: number): WorkerPool<OddRequest, unknown> {
  const pool = createWorkerPool<OddRequest, unknown>({ script, threads, workerData: 'odd:' });
  t.after(() => pool.close());
  return pool;
}

test('every request gets its own answer, in whatever order they come', async (t) => {
  const pool = makePool(t, 3);
  const words = Array.from({ length: 30 }, (_, n) => `${n}`);
  const answers = await Promise.all(words.map((say, n) => pool.ask({ say, afterMs: (30 - n) % 4 })));
  assert.deepEqual(
    answers,
    words.map((say) => `odd: ${say}`),
  );
});

test('answers that nobody waits for are nobody else`s', async (t) => {
  const pool = makePool(t, 2);
  for (let n = 0; n < 10; n++) void pool.ask({ say: `old ${n}` });
  const answers = await Promise.all([1, 2, 3].map((n) => pool.ask({ say: `new ${n}` })));
  assert.deepEqual(answers, ['odd: new 1', 'odd: new 2', 'odd: new 3']);
});

test('a failure comes to whoever asked, with its code and hint, and the thread goes on', async (t) => {
  const pool = makePool(t, 1);
  const failing = pool.ask({ fail: 'failure' });
  const next = pool.ask({ say: 'next' });
  await assert.rejects(failing, { name: 'Failure', code: 'bundle-damaged', message: 'odd', hint: 'even' });
  await assert.rejects(pool.ask({ fail: 'error' }), { name: 'RangeError', message: 'odd' });
  assert.equal(await next, 'odd: next');
});

for (const [die, expected] of [
  ['exit', { code: 'internal', message: /status 7/ }],
  ['uncaught', { name: 'RangeError', message: 'uncaught' }],
] as const) {
  test(`a thread that dies (${die}) is told to those that it was to answer, and replaced`, async (t) => {
    const pool = makePool(t, 2);
    const dying = pool.ask({ die });
    const beside = pool.ask({ say: 'beside', afterMs: 20 });
    const behind = pool.ask({ say: 'behind' }); // with the one that dies, which has as much to do as the other
    await assert.rejects(dying, expected);
    await assert.rejects(behind, expected);
    assert.equal(await beside, 'odd: beside');
    const answers = await Promise.all([1, 2, 3, 4].map((n) => pool.ask({ say: `${n}` })));
    assert.deepEqual(answers, ['odd: 1', 'odd: 2', 'odd: 3', 'odd: 4']);
  });
}

test('a failure that nobody waits for ends nothing', async (t) => {
  const pool = makePool(t, 1);
  void pool.ask({ fail: 'error' });
  await assert.rejects(pool.ask({ die: 'exit' }));
  assert.equal(await pool.ask({ say: 'still here' }), 'odd: still here');
});

test('what cannot be handed over fails where it is asked, and nowhere else', async (t) => {
  const pool = makePool(t, 1);
  const strange = { say: () => 'a function' } as unknown as OddRequest;
  await assert.rejects(pool.ask(strange), { name: 'DataCloneError' });
  assert.equal(await pool.ask({ say: 'fine' }), 'odd: fine');
});

test('a buffer is handed over, not copied', async (t) => {
  const pool = makePool(t, 1);
  const count = new Uint8Array(10);
  assert.equal(await pool.ask({ count }, [count.buffer]), 10);
  assert.equal(count.length, 0);
});

test('closing ends what is under way, and nothing may be asked afterwards', async (t) => {
  const pool = makePool(t, 2);
  const long = pool.ask({ say: 'too late', afterMs: 60_000 });
  await Promise.all([pool.close(), pool.close()]);
  await assert.rejects(long, { code: 'interrupted' });
  assert.throws(() => pool.ask({ say: 'more' }), { code: 'internal' });
});
