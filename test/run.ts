import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import glob from 'fast-glob';
import { needsServer } from './needs-server.js';
import { installRequirements, searchPath } from './requirements.js';

// The runner of `npm test`, which has every test file that starts no server, and of `npm run test:servers` (--servers), which has all that do.
// With words, those of all files whose path contains one of them (`node dist/test/run.js merge catalog`). Nothing is skipped: what the tests
// need is installed, or named.

/** Test files at the same time; each is a process, and many start servers and programs of their own. */
const concurrency = 2;

/** After this a single test has hung. */
const testTimeoutMs = 400_000;

const checkout = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);
const words = args.filter((arg) => arg !== '--servers');
const onlyServers = args.includes('--servers');

// Taken from the sources: dist may still hold tests that are gone.
const sources = await glob('test/**/*.test.ts', { cwd: checkout });
const chosen = sources
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .filter((file) => (words.length > 0 && !onlyServers) || needsServer(checkout, file) === onlyServers)
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
  { cwd: checkout, stdio: 'inherit', env: { ...Object.fromEntries(environment), PATH: path } },
);
if (error !== undefined) fail(String(error));
process.exit(status ?? (signal === 'SIGINT' ? 130 : 143));

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
