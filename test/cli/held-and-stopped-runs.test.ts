import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { letter, makeSite } from '../end-to-end/site.js';
import { type Host, mreplProgram, pairAll } from '../host.js';

// Runs that wait, are stopped, or lose what they write to: processes of their own.

const root = mkdtempSync(join(tmpdir(), 'mrepl-cli-'));
const stick = join(root, 'stick');
const home = makeSite(root, 'home');
const cabin = makeSite(root, 'cabin');
const running: ReturnType<typeof spawn>[] = [];
after(() => {
  for (const child of running) child.kill('SIGKILL'); // where a test failed before it did
  rmSync(root, { recursive: true });
});

before(async () => {
  mkdirSync(stick);
  home.put(letter('of home.'), { flags: 'S' });
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([home, cabin]);
  await home.mrepl('export', stick);
});

test('75: another run holds the account', async () => {
  const config = join(root, 'impatient.json');
  writeFileSync(config, '{ "waitSeconds": 0.1 }');
  const held = spawnHeld(home);
  await held.ready;
  const { status, err } = await home.run('sync', stick, '--config', config);
  assert.equal(status, 75);
  assert.match(err, /^mrepl: /);
  held.child.kill('SIGKILL');
  await once(held.child, 'close');
  assert.equal((await home.run('sync', stick)).status, 0, 'the lock did not die with its holder');
});

test('130 and 143: signals end a run that waits for its input, and leave the account free', async () => {
  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const held = spawnHeld(cabin);
    await held.ready;
    held.child.kill(signal);
    const [status] = await once(held.child, 'close');
    assert.equal(status, expected);
    assert.match(held.err(), new RegExp(`^mrepl: .*${signal}`));
    assert.equal((await cabin.run('status')).status, 0);
  }
});

test('a reader that goes away does not disturb a run; a full disk under the report does', async () => {
  const child = spawn(mreplProgram[0] ?? '', [...mreplProgram.slice(1), 'log'], {
    env: home.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  const err: Buffer[] = [];
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  const [status] = await once(child, 'close');
  assert.deepEqual([status, Buffer.concat(err).toString()], [0, '']);
  const full = spawn(mreplProgram[0] ?? '', [...mreplProgram.slice(1), 'log'], {
    env: home.env,
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  const told: Buffer[] = [];
  full.stderr?.on('data', (piece: Buffer) => told.push(piece));
  const [fullStatus] = await once(full, 'close');
  assert.equal(fullStatus, 74);
  assert.match(Buffer.concat(told).toString(), /^mrepl: writing the report to standard output: ENOSPC/);
});

/** A run that holds its account and waits for a bundle that never comes. */
function spawnHeld(host: Host): { child: ReturnType<typeof spawn>; ready: Promise<void>; err: () => string } {
  const [file = '', ...args] = mreplProgram;
  const child = spawn(file, [...args, 'import', '-'], { env: host.env, stdio: ['pipe', 'pipe', 'pipe'] });
  running.push(child);
  const err: Buffer[] = [];
  child.stderr?.on('data', (piece: Buffer) => err.push(piece));
  return { child, ready: locked(host), err: () => Buffer.concat(err).toString() };
}

/** Waits until somebody has the host's account: its lock can be seen. */
async function locked({ data }: Host): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    if (readdirSync(join(data, 'mrepl', 'alice')).some((name) => /owner|lock/.test(name))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`nobody locked ${data}: ${readdirSync(join(data, 'mrepl', 'alice')).join(', ')}`);
}
