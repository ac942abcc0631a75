import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Host, makeHost, mreplProgram, pairAll } from '../host.js';
import { generateMaildir } from './generate-maildir.js';
import { median } from './measure.js';

// Two checkouts of mrepl against each other and against tar and zstd, on the same mail, by turns within each repetition:
// `node dist/test/bench/compare.js --before DIRECTORY`, where the directory holds `bin` and `dist` of the other state. Prints
// medians of the CPU time of whole trees of processes, user and system, which other work on the machine hardly moves.

const { values: options } = parseArgs({
  options: {
    before: { type: 'string' },
    messages: { type: 'string', default: '5000' },
    repeat: { type: 'string', default: '5' },
    /** Where to work. */
    directory: { type: 'string', default: tmpdir() },
  },
});

const directory = mkdtempSync(join(options.directory, 'mrepl-compare-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const source = join(directory, 'source');
const generated = generateMaildir(source, { seed: 1, messages: Number(options.messages), dovecot: true });

const programs = new Map<string, readonly string[]>([['now', mreplProgram]]);
if (options.before !== undefined) {
  programs.set('before', [process.execPath, join(options.before, 'bin', 'mrepl.js')]);
}
const rows = new Map<string, number[]>();
for (let round = 0; round < Number(options.repeat); round++) {
  const turns = [
    tarRound,
    ...[...programs].map(
      ([label, program]) =>
        (work: string) =>
          mreplRound(work, label, program),
    ),
  ];
  for (const turn of round % 2 === 0 ? turns : turns.reverse()) {
    const work = join(directory, 'work');
    mkdirSync(work);
    await turn(work);
    rmSync(work, { recursive: true });
  }
}
for (const [what, against] of [
  ['export', 'tar c | zstd -3'],
  ['import', 'zstd -dc | tar x'],
] as const) {
  for (const row of [against, ...[...programs.keys()].map((label) => `${what}, ${label}`)]) {
    const seconds = rows.get(row) ?? [];
    const range = `${Math.min(...seconds).toFixed(2)} to ${Math.max(...seconds).toFixed(2)}`;
    const ratio = median(seconds) / median(rows.get(against) ?? []);
    process.stdout.write(`${row}: ${median(seconds).toFixed(2)} s (${range}), ${ratio.toFixed(2)}x\n`);
  }
}

async function tarRound(work: string): Promise<void> {
  const target = join(work, 'unpacked');
  mkdirSync(target);
  const archive = join(work, 'mail.tar.zst');
  timed('tar c | zstd -3', shell(`tar c -C ${source} . | zstd -3 -q -o ${archive}`));
  timed('zstd -dc | tar x', shell(`zstd -dc ${archive} | tar x -C ${target}`));
}

async function mreplRound(work: string, label: string, program: readonly string[]): Promise<void> {
  const stick = join(work, 'stick');
  const target = join(work, 'target');
  for (const path of [stick, ...['cur', 'new', 'tmp'].map((part) => join(target, part))]) {
    mkdirSync(path, { recursive: true });
  }
  const here = makeHost({ name: 'here', home: join(work, 'here'), store: `maildir:${source}`, program });
  const there = makeHost({ name: 'there', home: join(work, 'there'), store: `maildir:${target}`, program });
  for (const host of [here, there]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([here, there]);
  timed(`export, ${label}`, [...program, 'export', stick], here);
  timed(`import, ${label}`, [...program, 'import', stick], there);
  const found = readdirSync(target, { recursive: true }).filter((name) => /(?:^|\/)(?:cur|new)\/./.test(String(name)));
  if (found.length !== generated.messages) throw new Error(`${found.length} of ${generated.messages} messages came`);
}

function shell(command: string): readonly string[] {
  return ['bash', '-c', `set -o pipefail; ${command}`];
}

/** Seconds of user and system time of the program and of all that it waited for. */
function timed(what: string, argv: readonly string[], host?: Host): void {
  const { status, stderr } = spawnSync('bash', ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', ...argv], {
    env: host?.env ?? { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = String(stderr);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${String(status)}\n${said}`);
  const [user, system] = (said.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  rows.set(what, [...(rows.get(what) ?? []), (user ?? Number.NaN) + (system ?? Number.NaN)]);
}
