import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const listener = new URL('../../src/cli/context/listen-for-signals.js', import.meta.url).href;

/** A process in which a call to the file system does not come back; it says so, and then runs `more`. Answers how it ended. */
async function endOf(t: TestContext, more: string, signals: number): Promise<readonly unknown[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-signals-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const fifo = join(directory, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const program = `
    import { open } from 'node:fs/promises';
    import { once } from 'node:events';
    import { endInterrupted, listenForSignals } from ${JSON.stringify(listener)};
    const interruption = listenForSignals();
    interruption.arm(true);
    void open(process.argv[1], 'r');
    setInterval(() => undefined, 1000).unref();
    console.log('waiting');
    ${more}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, fifo], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  for (let sent = 0; sent < signals; sent++) {
    child.kill('SIGINT');
    if (sent + 1 < signals) await once(child.stdout, 'data');
  }
  return once(child, 'exit');
}

test('a second signal ends a process that waits for a file system which does not answer', async (t) => {
  const more = `await once(interruption.signal, 'abort'); console.log('first');`;
  assert.deepEqual(await endOf(t, more, 2), [null, 'SIGINT']);
});

test('the first does where the run has come to its end, and only that call is left', async (t) => {
  const more = `await once(interruption.signal, 'abort'); process.exitCode = 130; await endInterrupted(interruption);`;
  assert.deepEqual(await endOf(t, more, 1), [null, 'SIGINT']);
});
