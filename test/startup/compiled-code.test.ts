import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readCompiledCode, writeCompiledCode } from '../../src/startup/compiled-code-file.js';
import { cacheDirectory, isPrivate, makePrivateDirectory } from '../../src/startup/private-cache-directory.js';
import { scratch } from '../end-to-end/site.js';

const loader = join(import.meta.dirname, '../../src/startup/load-with-compiled-code.js');

/** A program that prints what it is called, and whether V8 took compiled code for it. */
function makeProgram(t: TestContext) {
  const home = scratch(t);
  const program = join(home, 'program.js');
  const cache = join(home, '.cache/mrepl');
  const write = (name: string): void => writeFileSync(program, `exports.name = () => '${name}';\n`);
  write('first');
  const run = (env: Readonly<Record<string, string>> = {}, { part = 'sync', status = 0 } = {}): string => {
    const sha256 = createHash('sha256').update(readFileSync(program)).digest('hex');
    const script = `
      const { Script } = await import('node:vm');
      const { loadWithCompiledCode } = await import(${JSON.stringify(loader)});
      let taken = 'compiled';
      const { runInThisContext } = Script.prototype;
      Script.prototype.runInThisContext = function (...args) {
        if (this.cachedDataRejected === false) taken = 'kept';
        return runInThisContext.apply(this, args);
      };
      const program = { path: ${JSON.stringify(program)}, sha256: ${JSON.stringify(sha256)}, part: '${part}', env: process.env };
      process.stdout.write(loadWithCompiledCode(program).name() + ' ' + taken);
      process.exitCode = ${status};`;
    const options = { env: { HOME: home, ...env }, encoding: 'utf8' } as const;
    const {
      stdout,
      stderr,
      status: ended,
    } = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
    assert.equal(ended, status, stderr);
    assert.equal(stderr, '');
    return stdout;
  };
  const file = (): string => join(cache, readdirSync(cache)[0] ?? '');
  return { home, cache, write, run, file };
}

describe('the code of a program', () => {
  test('is compiled once, and kept for its owner alone', (t) => {
    const { run, cache, file } = makeProgram(t);
    assert.equal(run(), 'first compiled');
    assert.equal(run(), 'first kept');
    assert.equal(statSync(cache).mode & 0o777, 0o700);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.equal(readdirSync(cache).length, 1);
  });

  test('is compiled anew for another source, be it of the same length', (t) => {
    const { run, write } = makeProgram(t);
    run();
    write('other');
    assert.equal(run(), 'other compiled');
    assert.equal(run(), 'other kept');
  });

  test('is compiled anew where a bit of what was kept has changed', (t) => {
    const { run, file } = makeProgram(t);
    run();
    const bytes = readFileSync(file());
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    writeFileSync(file(), bytes);
    assert.equal(run(), 'first compiled');
    assert.equal(run(), 'first kept');
  });

  test('is kept once more where another part of the program ran to its end', (t) => {
    const { run, file } = makeProgram(t);
    run();
    const first = readFileSync(file());
    run({}, { part: 'failed', status: 1 });
    assert.deepEqual(readFileSync(file()), first);
    assert.equal(run({}, { part: 'status' }), 'first kept');
    const second = readFileSync(file());
    assert.notDeepEqual(second, first);
    run({}, { part: 'status' });
    assert.deepEqual(readFileSync(file()), second);
  });

  test('is neither taken from a directory that others may write, nor kept there', (t) => {
    const { run, cache, file } = makeProgram(t);
    run();
    const before = readFileSync(file());
    chmodSync(cache, 0o770);
    assert.equal(run(), 'first compiled');
    assert.deepEqual(readFileSync(file()), before);
  });

  test('is not kept where the cache cannot be made', (t) => {
    const { run, home, cache } = makeProgram(t);
    writeFileSync(join(home, '.cache'), '');
    assert.equal(run(), 'first compiled');
    assert.equal(existsSync(cache), false);
  });

  test('is not kept where the environment forbids it', (t) => {
    const { run, home } = makeProgram(t);
    assert.equal(run({ NODE_DISABLE_COMPILE_CACHE: '1' }), 'first compiled');
    assert.equal(existsSync(join(home, '.cache')), false);
  });
});

describe('a file of compiled code', () => {
  const sha256 = 'a'.repeat(64);
  const kept = { sha256, parts: ['sync', '--help'], code: Buffer.from('code\nmore') };

  test('is read as it was written', (t) => {
    const path = join(scratch(t), 'x.code');
    writeCompiledCode(path, kept);
    assert.deepEqual(readCompiledCode(path, sha256), kept);
  });

  test('is not that of another source', (t) => {
    const path = join(scratch(t), 'x.code');
    writeCompiledCode(path, kept);
    assert.equal(readCompiledCode(path, 'b'.repeat(64)), null);
  });

  test('that is cut off, or that others may write, is none', (t) => {
    const path = join(scratch(t), 'x.code');
    writeCompiledCode(path, kept);
    const whole = readFileSync(path);
    for (const bytes of [0, 31, 32, whole.length - 1]) {
      writeFileSync(path, whole.subarray(0, bytes));
      assert.equal(readCompiledCode(path, sha256), null);
    }
    writeFileSync(path, whole);
    chmodSync(path, 0o620);
    assert.equal(readCompiledCode(path, sha256), null);
  });

  test('is not one that a link leads to', (t) => {
    const path = join(scratch(t), 'x.code');
    writeCompiledCode(path, kept);
    renameSync(path, `${path}.elsewhere`);
    symlinkSync(`${path}.elsewhere`, path);
    assert.throws(() => readCompiledCode(path, sha256), { code: 'ELOOP' });
  });
});

test('a directory is private as long as nobody else can write above it', (t) => {
  const above = join(scratch(t), 'above');
  const directory = join(above, 'cache/mrepl');
  makePrivateDirectory(directory);
  assert.equal(isPrivate(directory), true);
  chmodSync(above, 0o777);
  assert.equal(isPrivate(directory), false);
  chmodSync(above, 0o1777); // as /tmp
  assert.equal(isPrivate(directory), true);
});

test('the cache lies where XDG_CACHE_HOME says, if that is a full path', () => {
  assert.equal(cacheDirectory({ HOME: '/home/u' }), '/home/u/.cache/mrepl');
  assert.equal(cacheDirectory({ HOME: '/home/u', XDG_CACHE_HOME: '/var/cache/u' }), '/var/cache/u/mrepl');
  assert.equal(cacheDirectory({ HOME: '/home/u', XDG_CACHE_HOME: 'here' }), '/home/u/.cache/mrepl');
});
