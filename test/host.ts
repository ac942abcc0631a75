import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from './fixture-maildir.js';
import { runHere } from './run-here.js';
import { whatIsWrong } from './terminal/json/line-validator.js';

/** What a run of mrepl came to. */
export type Outcome = {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** What was printed, where it is not text. */
  readonly outBytes: Buffer;
};

/** A run of mrepl under way. */
export type Running = {
  readonly pid: number;
  /** Everything on standard error so far. */
  err(): string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
};

/** A machine of its own, as far as mrepl can tell: home directory, configuration and catalog are apart from all others. */
export type Host = {
  readonly name: string;
  readonly home: string;
  /** What the host's mail lies in, as `mrepl init` is given it. */
  readonly store: string;
  /** Where mrepl keeps the catalogs of this host's accounts. */
  readonly data: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs mrepl and waits; any status is an answer. */
  run(...args: readonly string[]): Promise<Outcome>;
  /** Runs mrepl and fails unless it ends with status 0; answers what it printed. */
  mrepl(...args: readonly string[]): Promise<string>;
  /** The same with --json: one object per line. */
  json(...args: readonly string[]): Promise<JsonLine[]>;
  start(args: readonly string[], stdin?: Uint8Array): Running;
};

export type JsonLine = { readonly kind: string } & Readonly<Record<string, unknown>>;

/**
 * Where `run` and what is made of it happen: within the process of the test, which is ten times as fast, or each in one of its own, for
 * tests of what only a process has: signals, locks against others, memory, pipes, a working directory.
 */
export type RunsIn = 'this process' | 'own process';

export type HostOptions = {
  readonly name: string;
  /** Gets `.data` and `.config` for mrepl; made where it does not exist. */
  readonly home: string;
  readonly store: string;
  /** More for the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Left out, this process; a program or a working directory needs one of its own. */
  readonly runs?: RunsIn;
  /** The clock of a host whose runs are in this process; left out, the true one. */
  readonly nowMs?: () => number;
  /** The width of a terminal that shows the runs of a host in this process; left out, there is none. */
  readonly columns?: number;
  /** Another program than the checkout's. */
  readonly program?: readonly string[];
  /** The working directory of runs; left out, the home directory. */
  readonly cwd?: string;
};

export const mreplProgram: readonly string[] = [process.execPath, join(checkout, 'bin', 'mrepl.js')];

export function makeHost(options: HostOptions): Host {
  const { name, home, store, program = mreplProgram } = options;
  mkdirSync(home, { recursive: true });
  const data = join(home, '.data');
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    USER: 'alice',
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    XDG_DATA_HOME: data,
    XDG_CONFIG_HOME: join(home, '.config'),
    ...options.env,
  };
  const start = (args: readonly string[], stdin: Uint8Array = new Uint8Array()): Running => {
    const [file = '', ...first] = program;
    const child = spawn(file, [...first, ...args], { cwd: options.cwd ?? home, env });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    child.stdin.on('error', () => {}); // a program that needs no input may not wait for it
    child.stdin.end(stdin);
    const ended = once(child, 'close').then(([status, signal]): Outcome => {
      const outBytes = Buffer.concat(out);
      return {
        status: typeof status === 'number' ? status : 128 + constants.signals[signal as NodeJS.Signals],
        out: outBytes.toString('utf8'),
        err: Buffer.concat(err).toString('utf8'),
        outBytes,
      };
    });
    return {
      pid: child.pid ?? -1,
      err: () => Buffer.concat(err).toString('utf8'),
      kill: (signal) => child.kill(signal),
      ended,
    };
  };
  const { runs = options.program === undefined && options.cwd === undefined ? 'this process' : 'own process' } =
    options;
  const run = (...args: readonly string[]): Promise<Outcome> =>
    runs === 'own process'
      ? start(args).ended
      : runHere(args, {
          ...{ env, home, nowMs: options.nowMs ?? Date.now },
          ...(options.columns === undefined ? {} : { columns: options.columns }),
        });
  const mrepl = async (...args: readonly string[]): Promise<string> => {
    const { status, out, err } = await run(...args);
    if (status !== 0) throw new Error(`${name}$ mrepl ${args.join(' ')}: status ${status}\n${out}${err}`);
    return out;
  };
  return {
    name,
    home,
    store,
    data,
    env,
    start,
    run,
    mrepl,
    async json(...args) {
      return jsonLines(await mrepl(...args, '--json'));
    },
  };
}

/** Makes all hosts know each other, through a directory beside their homes. */
export async function pairAll(hosts: readonly Host[]): Promise<void> {
  const [first] = hosts;
  if (first === undefined) return;
  const cards = join(dirname(first.home), 'cards');
  mkdirSync(cards, { recursive: true });
  for (const host of [...hosts, ...hosts.slice(0, -1)]) await host.mrepl('pair', cards, '--yes');
}

/** The lines of --json output, without the version of the schema, which each of them has to keep to. */
export function jsonLines(out: string): JsonLine[] {
  return out.split('\n').filter(Boolean).map(jsonLine);
}

function jsonLine(line: string): JsonLine {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string') {
    throw new Error(`not a line of --json output: ${line}`);
  }
  const wrong = whatIsWrong(value);
  if (wrong !== null) throw new Error(`not as the schema says, ${wrong}: ${line}`);
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'schema'));
  return { ...rest, kind: value.kind };
}
