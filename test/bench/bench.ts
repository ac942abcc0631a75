import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Host, makeHost, mreplProgram, pairAll } from '../host.js';
import { generateMaildir } from './generate-maildir.js';
import { type Measured, measure, median } from './measure.js';

// `npm run bench`: mrepl against tar and zstd, on the same mail, in the same run, by turns. Every figure includes making the result
// durable. Prints a table for test/RESULTS.md.

const { values: options } = parseArgs({
  options: {
    messages: { type: 'string', default: '20000' },
    repeat: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    /** Where to work; some 2 GB are needed for 20,000 messages. */
    directory: { type: 'string', default: tmpdir() },
    /** A source without Dovecot's files. */
    plain: { type: 'boolean', default: false },
  },
});

const bundleName = 'mail.tar.zst';
const directory = mkdtempSync(join(options.directory, 'mrepl-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const source = join(directory, 'source');
const generated = generateMaildir(source, {
  seed: options.seed,
  messages: Number(options.messages),
  dovecot: !options.plain,
});

const rows = new Map<string, Measured[]>();
const repeat = Number(options.repeat);
let bundleBytes = 0;
let archiveBytes = 0;
for (let round = 0; round < repeat; round++) {
  const work = join(directory, `round-${round}`);
  mkdirSync(work);
  const turns = [() => tarRound(work), () => mreplRound(work, 'plain'), () => mreplRound(work, 'sealed')];
  for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  rmSync(work, { recursive: true });
}
print();

async function tarRound(work: string): Promise<void> {
  const target = join(work, 'unpacked');
  mkdirSync(target);
  await timed(
    'tar c | zstd -3',
    shell(`tar c -C ${source} . | zstd -3 -q -o ${bundleName} && sync ${bundleName}`),
    work,
  );
  await timed('zstd -dc | tar x', shell(`zstd -dc ${bundleName} | tar x -C ${target} && sync -f ${target}`), work);
  archiveBytes = statSync(join(work, bundleName)).size;
  expectAll(target);
}

async function mreplRound(round: string, how: 'plain' | 'sealed'): Promise<void> {
  const work = join(round, how);
  const stick = join(work, 'stick');
  const target = join(work, 'target');
  for (const path of [stick, ...['cur', 'new', 'tmp'].map((part) => join(target, part))])
    mkdirSync(path, { recursive: true });
  const here = makeHost({ name: 'here', home: join(work, 'here'), store: `maildir:${source}` });
  const there = makeHost({ name: 'there', home: join(work, 'there'), store: `maildir:${target}` });
  await timedOn(here, 'mrepl init', 'init', here.store, '--name', here.name);
  await there.mrepl('init', there.store, '--name', there.name);
  await pairAll([here, there]);
  await timedOn(here, `mrepl export, ${how}`, 'export', stick, ...(how === 'plain' ? ['--plain'] : []));
  bundleBytes = largestUnder(stick);
  await timedOn(there, `mrepl import, ${how}`, 'import', stick);
  expectAll(target);
  for (const host of [there, here, there, here]) await host.mrepl('sync', stick);
  for (const host of [here, there]) {
    for (let again = 0; again < 3; again++) await timedOn(host, 'mrepl sync, nothing to do', 'sync', stick);
  }
}

async function timedOn({ env }: Host, what: string, ...args: string[]): Promise<void> {
  await timed(what, [...mreplProgram, ...args], directory, env);
}

/** What is still on its way to the disk is waited for first, so that nobody pays for somebody else. */
async function timed(
  what: string,
  argv: string[],
  cwd: string,
  env: Record<string, string> = plainEnv(),
): Promise<void> {
  spawnSync('sync');
  const measured = await measure(argv, { cwd, env });
  rows.set(what, [...(rows.get(what) ?? []), measured]);
  process.stderr.write(`${what}: ${measured.seconds.toFixed(2)} s\n`);
}

function plainEnv(): Record<string, string> {
  return { PATH: process.env.PATH ?? '' };
}

function shell(command: string): string[] {
  return ['bash', '-c', `set -o pipefail; ${command}`];
}

function expectAll(maildir: string): void {
  const found = readdirSync(maildir, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\/(?:cur|new)$/.test(entry.parentPath ?? entry.path),
  ).length;
  if (found !== generated.messages) throw new Error(`${maildir} has ${found} of ${generated.messages} messages`);
}

function largestUnder(path: string): number {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).size));
}

function print(): void {
  const [cpu] = cpus();
  const load = loadavg()[0] ?? Number.NaN;
  const lines = [
    `${generated.messages} messages, ${megabytes(generated.bytes)}, seed ${options.seed}, ${options.plain ? 'no UID lists' : 'with Dovecot UID lists'};` +
      ` ${repeat} repetitions, medians (lowest to highest)`,
    `Node ${process.version}, Linux ${release()}, ${cpus().length} x ${cpu?.model.trim()}, ${megabytes(totalmem())} of memory; load at the end ${load.toFixed(1)}`,
    `Archive of tar and zstd: ${megabytes(archiveBytes)}; bundle: ${megabytes(bundleBytes)}`,
    '',
    '| what | seconds | of tar and zstd | peak memory |',
    '|---|---|---|---|',
    row('tar c | zstd -3'),
    row('mrepl init', 'tar c | zstd -3'),
    row('mrepl export, plain', 'tar c | zstd -3'),
    row('mrepl export, sealed', 'tar c | zstd -3'),
    row('zstd -dc | tar x'),
    row('mrepl import, plain', 'zstd -dc | tar x'),
    row('mrepl import, sealed', 'zstd -dc | tar x'),
    row('mrepl sync, nothing to do'),
    '',
    `Sealing: ${share('mrepl export')} of an export, ${share('mrepl import')} of an import`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function row(what: string, against?: string): string {
  const mine = rows.get(what) ?? [];
  const seconds = mine.map((measured) => measured.seconds);
  const others = (rows.get(against ?? '') ?? []).map((measured) => measured.seconds);
  const range = `${median(seconds).toFixed(2)} (${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)})`;
  const ratio = against === undefined ? '' : `${(median(seconds) / median(others)).toFixed(2)}x`;
  const peak = what.startsWith('mrepl') ? megabytes(Math.max(...mine.map(({ peakBytes }) => peakBytes))) : '';
  return `| ${what.replaceAll('|', '\\|')} | ${range} | ${ratio} | ${peak} |`;
}

/** What sealing adds, in percent of the medians. */
function share(what: string): string {
  const [plain, sealed] = ['plain', 'sealed'].map((how) =>
    median((rows.get(`${what}, ${how}`) ?? []).map(({ seconds }) => seconds)),
  ) as [number, number];
  return `${(100 * (sealed / plain - 1)).toFixed(0)}%`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
