import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mreplProgram, type Running } from '../host.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, scratch } from './site.js';
import { diskKinds, mountSmallDisk } from './small-disk.js';

// Real file systems that are taken away under a real run, as `umount -l` does: what is open stays, and by its name the directory below is found.

const letters = 5;
const letterBytes = 150_000;

/** As often a run may be over before it could be stopped in the middle of what it does. */
const attemptsMax = 8;

/** Mail that takes its time, as it cannot be compressed. */
function fill({ put }: Site, round: string): void {
  for (let n = 0; n < letters; n++) {
    const lines = Array.from({ length: letterBytes / 89 }, (_, line) =>
      createHash('sha512').update(`${round} ${n} ${line}`).digest('base64'),
    );
    put(letter(`${round} ${n}.`, lines.join('\n')));
  }
}

/** Stops the process when `isThere`, does something, and lets it go on. False where it ended before. */
async function interrupt(running: Running, isThere: () => boolean, act: () => void): Promise<boolean> {
  let ended = false;
  void running.ended.then(() => {
    ended = true;
  });
  for (; !ended; await sleep(1)) {
    if (!isThere()) continue;
    running.kill('SIGSTOP');
    const isCaught = isThere();
    if (isCaught) act();
    running.kill('SIGCONT');
    if (isCaught) return true;
  }
  return false;
}

function hasOpen(pid: number, ending: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).endsWith(ending));
  } catch {
    return false; // it ended, or closed one just now
  }
}

test('a stick that is pulled while it is used', async (t) => {
  const directory = scratch(t);
  const [depot, stick, other] = ['depot', 'stick', 'other'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [depot, stick, other]) mkdirSync(path);
  const disk = await mountSmallDisk(t, depot, diskKinds().at(-1));
  disk.run('mount', '-t', 'tmpfs', 'tmpfs', other);
  const plug = (from = depot): void => void disk.run('mount', '--bind', from, stick);
  const pull = (): void => void disk.run('umount', '-l', stick);
  const assertNothingLeft = (): void => assert.deepEqual(readdirSync(stick), [], 'something is in the mount point');
  const program = disk.command(mreplProgram);
  const [home, cabin] = [makeSite(directory, 'home', { program }), makeSite(directory, 'cabin', { program })];
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  plug();
  for (const host of [home, cabin, home]) await host.mrepl('pair', stick, '--yes');

  pull();
  for (const command of ['export', 'sync']) {
    const { status, err } = await home.run(command, stick);
    assert.equal(status, 66, err);
    assert.match(err, /a stick was mounted there before, and is not now/);
  }
  assertNothingLeft();

  let isCaught = false;
  for (let attempt = 1; !isCaught; attempt++) {
    assert.ok(attempt <= attemptsMax, 'no export could be stopped while it wrote');
    plug();
    fill(home, `attempt ${attempt}`);
    const running = home.start(['export', stick]);
    isCaught = await interrupt(running, () => hasOpen(running.pid, '.part'), pull);
    const { status, err } = await running.ended;
    assert.equal(status, isCaught ? 74 : 0, err);
    if (isCaught) assert.match(err, /the stick was removed/);
    else {
      for (const host of [cabin, home]) await host.mrepl('sync', stick); // else it would become full
      pull();
    }
    assertNothingLeft();
  }

  plug(other);
  await cabin.mrepl('sync', stick);
  const before = disk.run('ls', '-R', other);
  pull();
  plug();
  isCaught = false;
  for (let attempt = 1; !isCaught; attempt++) {
    assert.ok(attempt <= attemptsMax, 'no export could be stopped before its stick was taken for another one');
    fill(home, `other stick ${attempt}`);
    const running = home.start(['export', stick]);
    isCaught = await interrupt(
      running,
      () => hasOpen(running.pid, '.part'),
      () => {
        pull();
        plug(other);
      },
    );
    const { status, err } = await running.ended;
    assert.equal(status, isCaught ? 74 : 0, err);
    if (!isCaught) for (const host of [cabin, home]) await host.mrepl('sync', stick);
  }
  assert.equal(disk.run('ls', '-R', other), before, 'the other stick was changed');
  pull();

  plug();
  await home.mrepl('export', stick);
  const running = cabin.start(['import', stick]);
  const isPulled = await interrupt(running, () => hasOpen(running.pid, '.tar.zst.age'), pull);
  const { status, err } = await running.ended;
  assert.ok(status === 0 || (isPulled && status === 74), err);
  assertNothingLeft();
  if (isPulled) plug();
  for (const host of [cabin, home, cabin]) await host.mrepl('sync', stick);
  assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
  assert.equal(cabin.files('').length, home.files('').length);
  assert.equal(new Set(cabin.files('attempt 1 ')).size, letters);
});
