import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { advice, Failure, typed } from '../../failure.js';
import type { Screen } from './terminal-capabilities.js';

/** What standard streams are made of: those of the process, or others in their place. */
type StreamSource = {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & Screen;
  readonly stderr: Writable & Screen;
};

/** Standard input, output and error, for the one part of the program that may touch them. */
export type StandardStreams = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdin: StreamSource['stdin'];
  readonly stdout: StreamSource['stdout'];
  readonly stderr: StreamSource['stderr'];
  /** Where a bundle goes to, or comes from, with `-`. Throw `usage` for a terminal. */
  sink(): Writable;
  source(): Readable;
  /** The line that is typed behind a question; null where nobody sits at a terminal. */
  ask(question: string): Promise<string | null>;
  /** The same for what nobody is to see: it is not shown while it is typed. */
  askSecret(question: string): Promise<string | null>;
  /**
   * Waits until all is written. What went wrong on the way; null where all is well, or where the reader has simply gone
   * away.
   */
  trouble(): Promise<Failure | null>;
};

/** A reader that has had enough, as in `mrepl log | head`, does not stop a run: what is left to say is dropped. */
export function standardStreams(from: StreamSource = process): StandardStreams {
  const { stdout, stderr } = from;
  let gone = false;
  let trouble: Failure | null = null;
  let usedAsSink = false;
  let written: Promise<void> = Promise.resolve();
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A bundle's own writer hears of the error and says what it means.
    if (usedAsSink) return;
    gone = true;
    if (error.code !== 'EPIPE') {
      trouble = new Failure(
        'io',
        `writing the report to standard output: ${error.message}; the run itself was finished`,
        {
          cause: error,
        },
      );
    }
  });
  stderr.on('error', () => undefined); // there is nobody left to tell
  return {
    /** Opened when it is asked for, as few runs do. */
    get stdin() {
      return from.stdin;
    },
    stdout,
    stderr,
    out: (text) => {
      if (text === '' || gone) return;
      // An error is emitted after the callback: it has been heard of one turn of the event loop later.
      written = new Promise((resolve) => void stdout.write(text, () => setImmediate(resolve)));
    },
    err: (text) => {
      if (text !== '') stderr.write(text);
    },
    sink: () => {
      if (stdout.isTTY) {
        throw new Failure('usage', 'exporting to standard output: that is a terminal, which cannot take a bundle', {
          hint: advice`Pipe it on: ${typed('mrepl', 'export', '-', '|', 'ssh', 'cabin', 'mrepl', 'import', '-')}`,
        });
      }
      usedAsSink = true;
      return stdout;
    },
    source: () => {
      const { stdin } = from;
      if (stdin.isTTY) {
        throw new Failure('usage', 'importing from standard input: that is a terminal, not a bundle', {
          hint: advice`Pipe one in: ${typed('mrepl', 'export', '-', '|', 'ssh', 'cabin', 'mrepl', 'import', '-')}`,
        });
      }
      return stdin;
    },
    ask: async (question) => {
      const { stdin } = from;
      if (!stdin.isTTY || !stderr.isTTY) return null;
      const lines = createInterface({ input: stdin, output: stderr, terminal: false }); // Ctrl-C stays a signal
      try {
        stderr.write(question);
        const { value } = await lines[Symbol.asyncIterator]().next();
        return typeof value === 'string' ? value : '';
      } finally {
        lines.close();
      }
    },
    askSecret: (question) => askUnseen(question, from),
    trouble: async () => {
      await written;
      return trouble;
    },
  };
}

async function askUnseen(question: string, { stdin, stderr }: StreamSource): Promise<string | null> {
  if (!stdin.isTTY || !stderr.isTTY) return null;
  const { typeUnseen } = await import('./type-unseen.js');
  stderr.write(question);
  return typeUnseen(stdin, () => void stderr.write('\n'));
}
