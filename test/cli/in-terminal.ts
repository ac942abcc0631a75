import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { type Host, mreplProgram } from '../host.js';

/**
 * What a run in a terminal came to: its exit status, all that the terminal was sent, without colours, and the same on one line, as where lines break depends
 * on how long paths are.
 */
export type Shown = { readonly status: number; readonly screen: string; readonly words: string };

/** A terminal that waits for longer than this for what is to come has no more to say. Milliseconds. */
const patienceMs = 60_000;

/**
 * Runs mrepl in a terminal of its own (script(1) of Debian's bsdutils makes one) as somebody would who reads before typing: each of `talk` is what has to
 * be on the screen, and what is typed then.
 */
export async function inTerminal(
  host: Host,
  args: readonly string[],
  talk: readonly (readonly [until: RegExp, typed: string])[] = [],
  columns = 80,
): Promise<Shown> {
  const command = [...mreplProgram, ...args].map((word) => `'${word}'`).join(' ');
  const { NO_COLOR: _, ...env } = host.env;
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 50; exec ${command}`, '/dev/null'], {
    cwd: host.home,
    env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  const ended = once(child, 'close');
  const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  let screen = '';
  let read = 0;
  const left = [...talk];
  const decoder = new TextDecoder();
  child.stdout.on('data', (piece: Buffer) => {
    screen = stripVTControlCharacters(screen + decoder.decode(piece, { stream: true })).replaceAll('\r', '');
    const [first] = left;
    const found = first === undefined ? null : first[0].exec(screen.slice(read));
    if (first === undefined || found === null) return;
    left.shift();
    read += found.index + found[0].length;
    child.stdin.write(first[1]);
  });
  const [status] = await ended;
  clearTimeout(patience);
  if (left.length > 0) throw new Error(`${left[0]?.[0]} never came:\n${screen}`);
  return { status: Number(status), screen, words: screen.replace(/(?: \\)?\s+/g, ' ') };
}
