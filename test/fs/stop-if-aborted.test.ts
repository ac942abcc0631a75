import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openSource } from '../../src/bundle/read/byte-source.js';
import { untilAborted } from '../../src/fs/stop-if-aborted.js';
import { openPaths } from '../descriptors.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-aborted-'));
after(() => rmSync(directory, { recursive: true }));

describe('what is left to itself when a signal comes', () => {
  it('gives what it comes to after all to be discarded, and its failure to nobody', async () => {
    const stopped = new Error('stopped');
    for (const isBefore of [true, false]) {
      const controller = new AbortController();
      if (isBefore) controller.abort(stopped);
      let end = (_: string): void => undefined;
      const work = new Promise<string>((resolve) => {
        end = resolve;
      });
      const discarded = new Promise<string>((discard) => {
        assert.rejects(untilAborted(work, controller.signal, discard), stopped).then(() => end('late'));
      });
      if (!isBefore) controller.abort(stopped);
      assert.equal(await discarded, 'late');
      const failing = Promise.reject(new Error('failed'));
      await assert.rejects(
        untilAborted(failing, controller.signal, () => assert.fail()),
        stopped,
      );
    }
  });

  it('gives what came before the signal to its caller alone', async () => {
    const controller = new AbortController();
    const got = untilAborted(Promise.resolve('in time'), controller.signal, () => assert.fail());
    controller.abort();
    assert.equal(await got.catch((error) => error), 'in time');
  });

  it('leaves no bundle open that a signal met while it was opened', {
    skip: process.platform !== 'linux',
  }, async () => {
    const path = join(directory, 'home-000001.tar.zst');
    writeFileSync(path, 'something');
    const stopped = new Error('stopped');
    const opened: unknown[] = [];
    for (let n = 0; n < 50; n++) {
      const controller = new AbortController();
      opened.push(openSource(path, controller.signal).catch((error) => error));
      controller.abort(stopped);
    }
    assert.deepEqual(new Set(await Promise.all(opened)), new Set([stopped]));
    const warnings: Error[] = [];
    process.on('warning', (warning) => warnings.push(warning));
    // Those that are being opened are ahead of what is asked now; where one was forgotten, this goes on until it is collected, which is told.
    for (let n = 0; n < 50; n++) await stat(path);
    while (openPaths().includes(path) && warnings.length === 0) await stat(path);
    assert.deepEqual(warnings, []);
  });
});
