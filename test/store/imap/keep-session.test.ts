import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import { keepSession } from '../../../src/store/imap/session/keep-session.js';
import type { Session } from '../../../src/store/imap/session/session.js';

/** A session of which only matters whether it is lost. */
function sessionThat(isLost: () => boolean): Session {
  const lost = (): Failure | null => (isLost() ? new Failure('io', 'lost') : null);
  return { lost, close: () => undefined } as unknown as Session;
}

/** Opens what each number says: 1 a session, 0 nothing. Counts how often it was asked. */
function opener(attempts: readonly (0 | 1)[]) {
  let count = 0;
  let lostUpTo = 0;
  return {
    async open() {
      const number = ++count;
      if (attempts[number - 1] !== 1) throw new Failure('io', 'nobody listens');
      return sessionThat(() => number <= lostUpTo);
    },
    lose() {
      lostUpTo = count;
    },
    count: () => count,
  };
}

test('a server that was never reached is told at once', async () => {
  const server = opener([0, 1]);
  await assert.rejects(keepSession(server.open, { pauses: [0, 0] }).current(), { code: 'io' });
  assert.equal(server.count(), 1);
});

test('a server that restarts is connected to again, so often and no more', async () => {
  for (const [attempts, count] of [
    [[1, 0, 0, 1], 4],
    [[1, 0, 0, 0, 1], 4],
  ] as const) {
    const server = opener(attempts);
    const kept = keepSession(server.open, { pauses: [0, 0] });
    await kept.current();
    server.lose();
    if (attempts[count - 1] === 1) await kept.current();
    else await assert.rejects(kept.current(), { code: 'io' });
    assert.equal(server.count(), count);
  }
});

test('whoever stops a run does not wait for a server', async () => {
  const server = opener([1, 0, 1]);
  const stopped = new AbortController();
  const kept = keepSession(server.open, { pauses: [600_000], signal: stopped.signal });
  await kept.current();
  server.lose();
  const waiting = kept.current();
  stopped.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
});
