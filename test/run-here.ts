import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Interruption } from '../src/cli/context/listen-for-signals.js';
import { runCommandLine } from '../src/cli/run-command-line.js';
import { standardStreams } from '../src/terminal/streams/standard-streams.js';
import type { Screen } from '../src/terminal/streams/terminal-capabilities.js';
import { checkout } from './fixture-maildir.js';
import type { Outcome } from './host.js';

// Dates are told in the time zone of the process: that of the programs that `makeHost` starts.
process.env.TZ = 'UTC';

const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));

/** Nobody sends signals to a run that has no process. */
const uninterrupted: Interruption = {
  signal: new AbortController().signal,
  received: () => null,
  arm: () => undefined,
};

/**
 * Runs mrepl within this process: the whole program but for `main`, with nothing on standard input. Paths have to be absolute, as
 * those that are not are looked up from where the tests were started.
 */
export async function runHere(
  args: readonly string[],
  host: {
    readonly env: Readonly<Record<string, string>>;
    readonly home: string;
    readonly nowMs: () => number;
    readonly interruption?: Interruption;
    /** The width of a terminal that shows standard output; left out, there is none. */
    readonly columns?: number;
  },
): Promise<Outcome> {
  const { env, home, nowMs, interruption = uninterrupted, columns } = host;
  const out = collector(columns);
  const err = collector(undefined);
  const status = await runCommandLine(args, {
    environment: {
      env,
      home,
      cwd: home,
      userName: env.USER ?? '',
      machineName: hostname(),
      nowMs,
      program: [process.execPath, join(checkout, 'bin', 'mrepl.js')],
    },
    streams: standardStreams({ stdin: Readable.from([]), stdout: out.stream, stderr: err.stream }),
    interruption,
    version,
  });
  const outBytes = out.bytes();
  return { status, out: outBytes.toString('utf8'), err: err.bytes().toString('utf8'), outBytes };
}

function collector(columns: number | undefined): { readonly stream: Writable & Screen; bytes(): Buffer } {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  const screen = Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns });
  return { stream: screen, bytes: () => Buffer.concat(pieces) };
}
