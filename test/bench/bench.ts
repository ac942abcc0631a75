import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkout } from '../fixture-maildir.js';
import { type Host, makeHost, mreplProgram, pairAll } from '../host.js';
import { type Baseline, type BenchResults, type BenchRow, machineText, ratiosOf, tableOf } from './bench-report.js';
import { emptyMaildir, presentContenders } from './contenders.js';
import { generateMaildir } from './generate-maildir.js';
import { countSystemCalls, isProgram, type Measured, type MeasuredProgram, measure, timeProgram } from './measure.js';

// `npm run bench`: mrepl against programs that carry the same mail, by turns within each repetition, in memory and on disk. CPU
// time is that of whole trees of processes, user and system; wall time includes making the result durable. Prints tables for
// test/RESULTS.md, beside the ratios of `baseline.json`, which `--write-baseline` replaces.

const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    /** So many, of equal size; left out, a dozen as people have them. */
    mailboxes: { type: 'string' },
    repeat: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    /** Where to work, once or more; left out, in memory and on disk. Some 3 GB are needed for 20,000 messages. */
    directory: { type: 'string', multiple: true },
    /** Another Node for mrepl. */
    node: { type: 'string', default: process.execPath },
    /** Another mrepl than the checkout's. */
    program: { type: 'string', default: mreplProgram[1] ?? '' },
    /** Where profiles of mrepl's commands go, of the first repetition; it is slower for that. */
    profile: { type: 'string' },
    /** Leaves out the run under strace, which is slow. */
    'no-system-calls': { type: 'boolean', default: false },
    'write-baseline': { type: 'boolean', default: false },
  },
});
const baselineFile = join(checkout, 'test', 'bench', 'baseline.json');
const rows: readonly BenchRow[] = [
  { what: 'tar c | zstd -3', against: null },
  { what: 'zstd -dc | tar x', against: null },
  { what: 'rsync -a', against: null },
  { what: 'mbsync', against: null },
  { what: 'doveadm sync', against: null },
  { what: 'node -e 0', against: null },
  { what: 'mrepl init', against: 'tar c | zstd -3' },
  { what: 'mrepl export, plain', against: 'tar c | zstd -3' },
  { what: 'mrepl export, sealed', against: 'tar c | zstd -3' },
  { what: 'mrepl import, plain', against: 'zstd -dc | tar x' },
  { what: 'mrepl import, sealed', against: 'zstd -dc | tar x' },
  { what: 'mrepl sync, nothing to do', against: 'node -e 0' },
  { what: 'mrepl sync, one flag: sender', against: 'mrepl sync, nothing to do' },
  { what: 'mrepl sync, one flag: receiver', against: 'mrepl sync, nothing to do' },
  { what: 'mrepl sync, one new message: sender', against: 'mrepl sync, nothing to do' },
  { what: 'mrepl sync, one new message: receiver', against: 'mrepl sync, nothing to do' },
];

if (!existsSync(timeProgram)) throw new Error(`${timeProgram} is needed (Debian: apt install time)`);
const memory = '/dev/shm';
const directories = options.directory ?? [...(existsSync(memory) ? [memory] : []), tmpdir()];
const { present, missing } = presentContenders();
const countsSystemCalls = isProgram('strace') && !options['no-system-calls'];
const programs = [options.node, resolve(options.program)];
const baseline = existsSync(baselineFile) ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Baseline) : {};
const found: Record<string, Record<string, readonly [number, number]>> = {};
for (const directory of new Set(directories)) {
  const results = await benchIn(directory);
  const place = `${results.messages} messages, seed ${options.seed}, ${directory}; ${options.repeat} repetitions, medians (lowest to highest)`;
  process.stdout.write(`\n${place}\n\n${tableOf(results, rows, baseline).join('\n')}\n`);
  found[results.place] = ratiosIn(results);
}
process.stdout.write(`\n${machineText(spawnSync(options.node, ['--version'], { encoding: 'utf8' }).stdout.trim())}\n`);
for (const name of missing) process.stdout.write(`Not measured, as it is not installed: ${name}\n`);
if (!countsSystemCalls && !options['no-system-calls'])
  process.stdout.write('System calls were not counted, as strace is not installed\n');
if (options['write-baseline']) writeFileSync(baselineFile, `${JSON.stringify(found, null, 2)}\n`);

async function benchIn(place: string): Promise<BenchResults> {
  const directory = mkdtempSync(join(place, 'mrepl-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  const source = join(directory, 'source');
  const { messages } = generateMaildir(source, {
    ...{ seed: options.seed, messages: Number(options.count), dovecot: true },
    ...(options.mailboxes === undefined ? {} : { mailboxes: Number(options.mailboxes) }),
  });
  const measured = new Map<string, Measured[]>();
  const systemCalls = new Map<string, number>();
  const repetitions = Number(options.repeat);
  for (let round = 0; round <= repetitions; round++) {
    const isCounting = round === repetitions; // once more, under strace
    if (isCounting && !countsSystemCalls) break;
    const work = join(directory, `round-${round}`);
    mkdirSync(work);
    const run = async (what: string, program: MeasuredProgram): Promise<void> => {
      spawnSync('sync'); // what is still on its way to the disk nobody else is to pay for
      if (isCounting) {
        const calls = countSystemCalls(program, work);
        if (calls !== null) systemCalls.set(what, calls);
        return;
      }
      const one = await measure(program, work);
      measured.set(what, [...(measured.get(what) ?? []), one]);
      process.stderr.write(`${what}: ${one.cpuS.toFixed(2)} s of CPU, ${one.wallS.toFixed(2)} s\n`);
    };
    const turns = [
      ...present.map((contender) => () => contend(contender, { source, work, messages, run })),
      () => replicate('sealed', { source, work, messages, run, round }),
      () => replicate('plain', { source, work, messages, run, round }),
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    rmSync(work, { recursive: true });
  }
  rmSync(directory, { recursive: true });
  const kind = place.startsWith(memory) ? 'memory' : 'disk';
  return { place: `${kind}, ${messages} messages`, messages, measured, systemCalls };
}

type Turn = {
  readonly source: string;
  readonly work: string;
  readonly messages: number;
  readonly run: (what: string, program: MeasuredProgram) => Promise<void>;
};

async function contend(
  contender: ReturnType<typeof presentContenders>['present'][number],
  { source, work, messages, run }: Turn,
): Promise<void> {
  const own = join(work, contender.name.replaceAll(' ', '-'));
  mkdirSync(own);
  try {
    for (const { row, program } of contender.commands(source, own)) await run(row, program);
    const target = contender.target(own);
    if (target !== null) expectAll(target, messages);
  } catch (cause) {
    process.stderr.write(`${contender.name} did not do it: ${(cause as Error).message.split('\n')[0]}\n`);
  }
}

async function replicate(how: 'plain' | 'sealed', turn: Turn & { readonly round: number }): Promise<void> {
  const { source, work, messages, run, round } = turn;
  const own = join(work, how);
  const stick = join(own, 'stick');
  mkdirSync(stick, { recursive: true });
  // A copy of its own, as its users go on with it; links cost nothing, and no file of it is written to.
  const mail = join(own, 'mail');
  spawnSync('cp', ['-al', source, mail]);
  const target = emptyMaildir(join(own, 'target'));
  const here = makeHost({ name: 'here', home: join(own, 'here'), store: `maildir:${mail}`, program: programs });
  const there = makeHost({ name: 'there', home: join(own, 'there'), store: `maildir:${target}`, program: programs });
  const on = (host: Host, what: string, ...args: string[]): Promise<void> =>
    run(what, { argv: [...profiled(what, round), ...args], cwd: own, env: host.env });
  await on(here, 'mrepl init', 'init', here.store, '--name', here.name);
  await there.mrepl('init', there.store, '--name', there.name);
  await pairAll([here, there]);
  await on(here, `mrepl export, ${how}`, 'export', stick, ...(how === 'plain' ? ['--plain'] : []));
  await on(there, `mrepl import, ${how}`, 'import', stick);
  expectAll(target, messages);
  if (how === 'plain') return;
  await inStep([there, here, there, here], stick);
  for (const host of [here, there]) await on(host, 'mrepl sync, nothing to do', 'sync', stick);
  for (const [what, change] of [
    ['one flag', flagOne],
    ['one new message', deliverOne],
  ] as const) {
    change(mail);
    await aSecond(); // what has just changed is looked at again by every run
    await on(here, `mrepl sync, ${what}: sender`, 'sync', stick);
    await on(there, `mrepl sync, ${what}: receiver`, 'sync', stick);
    await aSecond();
    await inStep([here, there, here, there], stick);
  }
}

async function inStep(hosts: readonly Host[], stick: string): Promise<void> {
  for (const host of hosts) await host.mrepl('sync', stick);
}

/** The program, with a profile of its first run of each kind where that is asked for. */
function profiled(what: string, round: number): readonly string[] {
  const [node = '', ...rest] = programs;
  if (options.profile === undefined || round > 0) return programs;
  const name = `${what.replaceAll(/[^a-z]+/gi, '-')}.cpuprofile`;
  return [node, '--cpu-prof', `--cpu-prof-dir=${resolve(options.profile)}`, `--cpu-prof-name=${name}`, ...rest];
}

function flagOne(maildir: string): void {
  const cur = join(maildir, 'cur');
  const name = readdirSync(cur).find((one) => /:2,[DFRST]*$/.test(one) && !/:2,[A-Z]*F/.test(one));
  if (name === undefined) throw new Error(`${cur} has no message to be flagged`);
  const [base = '', letters = ''] = name.split(':2,');
  renameSync(join(cur, name), join(cur, `${base}:2,${[...letters, 'F'].sort().join('')}`));
}

function deliverOne(maildir: string): void {
  const text = 'From: ann@example.org\nSubject: one more\nMessage-ID: <one-more@example.org>\n\nHello.\n';
  writeFileSync(join(maildir, 'new', `${Math.floor(Date.now() / 1000)}.M1P1.one-more`), text, { mode: 0o600 });
}

function aSecond(): Promise<void> {
  return new Promise((resume) => setTimeout(resume, 1100));
}

function expectAll(maildir: string, messages: number): void {
  const found = readdirSync(maildir, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && /\/(?:cur|new)$/.test(entry.parentPath ?? entry.path),
  ).length;
  if (found !== messages) throw new Error(`${maildir} has ${found} of ${messages} messages`);
}

function ratiosIn(results: BenchResults): Record<string, readonly [number, number]> {
  const ratios: Record<string, readonly [number, number]> = {};
  for (const row of rows) {
    const one = ratiosOf(results, row);
    if (one?.every((ratio) => !Number.isNaN(ratio))) ratios[row.what] = [round2(one[0]), round2(one[1])];
  }
  return ratios;
}

function round2(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
