import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import glob from 'fast-glob';
import { installRequirements, searchPath } from './requirements.js';
import { setsOf, testSets } from './test-sets.js';
import { setVariable } from './thoroughness.js';

// The runner of `npm test`, of `npm run test:long` (--set long) and of `npm run test:servers` (--set servers). With words, those of all files whose
// path contains one of them (`node dist/test/run.js merge catalog`). Nothing is skipped: what the tests need is installed, or named.

/** Test files at the same time; each is a process, and many start servers and programs of their own. */
const concurrency = 2;

/** After this a single test has hung. */
const testTimeoutMs = 400_000;

/** Where Linux keeps files in memory. */
const memoryDirectory = '/dev/shm';

/** Free bytes there that are several times what the tests take. */
const memoryBytesMin = 4 * 2 ** 30;

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals: words } = parseArgs({ options: { set: { type: 'string' } }, allowPositionals: true });
const set = values.set === undefined ? null : testSets.find((each) => each === values.set);
if (set === undefined) fail(`the sets of tests are ${testSets.join(', ')}`);

// Taken from the sources: dist may still hold tests that are gone.
const sources = await glob('test/**/*.test.ts', { cwd: checkout });
const chosen = sources
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .filter((file) => (words.length > 0 && set === null) || setsOf(checkout, file).includes(set ?? 'short'))
  .map((file) => `dist/${file.replace(/\.ts$/, '.js')}`)
  .sort();
const unbuilt = chosen.filter((file) => !existsSync(`${checkout}/${file}`));

const path = searchPath(process.env.PATH ?? '');
if (chosen.length === 0) fail(`no test file has one of these in its path: ${words.join(', ')}`);
if (unbuilt.length > 0) fail(`not built: ${unbuilt.join(', ')}\nRun: npm run build`);
const command = installRequirements(path);
if (command !== null) fail(`programs that the tests need are missing. Run:\n  ${command}`);

// What a person has set up for mrepl is not for the tests.
const environment = Object.entries(process.env).filter(([name]) => !/^(?:MREPL_(?!TEST_)|XDG_)/.test(name));
const memory = set === null || set === 'short' ? directoryInMemory() : null;
const { status, signal, error } = spawnSync(
  process.execPath,
  [
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${testTimeoutMs}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./dist/test/slowest-files.js',
    '--test-reporter-destination=stderr',
    ...chosen,
  ],
  {
    cwd: checkout,
    stdio: 'inherit',
    env: {
      ...Object.fromEntries(environment),
      PATH: path,
      [setVariable]: set ?? 'short',
      ...(memory && { TMPDIR: memory }),
    },
  },
);
if (memory !== null) rmSync(memory, { recursive: true, force: true });
if (error !== undefined) fail(String(error));
process.exit(status ?? (signal === 'SIGINT' ? 130 : 143));

/** A directory for what tests write, in memory, which spares most of their time; null where there is no room, or another one was set up. */
function directoryInMemory(): string | null {
  if (process.env.TMPDIR !== undefined || !existsSync(memoryDirectory)) return null;
  const { bavail, bsize } = statfsSync(memoryDirectory);
  if (bavail * bsize < memoryBytesMin) return null;
  const directory = mkdtempSync(join(memoryDirectory, 'mrepl-tests-'));
  chmodSync(directory, 0o1777); // as /tmp: some programs are run as other users
  return directory;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
