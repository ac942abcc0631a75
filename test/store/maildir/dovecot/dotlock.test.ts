import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { privateCustody } from '../../../../src/fs/durable-write.js';
import { takeDotlock } from '../../../../src/store/maildir/dovecot/dotlock.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-lock-'));
const holder = fileURLToPath(new URL('./lock-holder.js', import.meta.url));
const party = { hostName: hostname(), now: Date.now, custody: privateCustody };

const start = (...args: string[]) =>
  spawn(process.execPath, [holder, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });

async function startHolding(path: string) {
  const child = start('hold', path);
  await once(child.stdout, 'data');
  return child;
}

describe('dotlock', () => {
  after(() => rmSync(directory, { recursive: true }));

  it('holds our process and host as Dovecot writes them, and leaves nothing behind', async () => {
    const path = join(directory, 'a.lock');
    const lock = await takeDotlock(path, party);
    assert.equal(readFileSync(path, 'latin1'), `${process.pid}:${hostname()}`);
    assert.deepEqual(readdirSync(directory), ['a.lock']);
    assert.ok(lock.stillHeld());
    lock.release();
    assert.deepEqual(readdirSync(directory), []);
  });

  it('keeps processes apart', async () => {
    const path = join(directory, 'b.lock');
    const file = join(directory, 'b');
    writeFileSync(file, '0');
    const children = Array.from({ length: 4 }, () => start('count', path, file, '15'));
    for (const [code] of await Promise.all(children.map((child) => once(child, 'exit')))) assert.equal(code, 0);
    assert.equal(readFileSync(file, 'utf8'), '60');
    assert.deepEqual(readdirSync(directory), ['b']);
  });

  it('waits for a process that lives, and takes over from one that was killed', async () => {
    const path = join(directory, 'c.lock');
    const child = await startHolding(path);
    let taken = false;
    const waiting = takeDotlock(path, party).then((lock) => {
      taken = true;
      return lock;
    });
    await sleep(1500); // longer than it takes to judge a dead one
    assert.ok(!taken, 'its process is alive');
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.ok(existsSync(path), 'killed processes leave their lock');
    const lock = await waiting;
    assert.equal(readFileSync(path, 'latin1'), `${process.pid}:${hostname()}`);
    lock.release();
  });

  it('does not judge processes of other machines, until their lock is two minutes old', async () => {
    const path = join(directory, 'd.lock');
    for (const content of ['999999999:elsewhere', '', 'nonsense']) {
      let nowMs = Date.now();
      writeFileSync(path, content);
      let taken = false;
      const waiting = takeDotlock(path, { ...party, now: () => nowMs }).then((lock) => {
        taken = true;
        return lock;
      });
      await sleep(100);
      nowMs += 119_000;
      await sleep(100);
      assert.ok(!taken, content);
      nowMs += 2_000;
      const lock = await waiting;
      lock.release();
    }
  });

  it('gives up, and says what is to be done', async () => {
    const path = join(directory, 'e.lock');
    const child = await startHolding(path);
    let nowMs = Date.now();
    const failure = assert.rejects(takeDotlock(path, { ...party, now: () => nowMs }), (error: Error) => {
      return 'code' in error && error.code === 'locked' && error.message.includes(String(child.pid));
    });
    await sleep(100);
    nowMs += 200_000;
    await failure;
    child.kill('SIGKILL');
    await once(child, 'exit');
    unlinkSync(path);
  });

  it('knows when it was taken away, and does not take away the next one', async () => {
    const path = join(directory, 'f.lock');
    const lock = await takeDotlock(path, party);
    unlinkSync(path);
    writeFileSync(path, '1:elsewhere');
    assert.ok(!lock.stillHeld());
    lock.release();
    assert.equal(readFileSync(path, 'latin1'), '1:elsewhere');
    unlinkSync(path);
  });
});
