import type { Readable, Writable } from 'node:stream';
import { Failure } from '../../../failure.js';
import { type Command, type LiteralsAhead, piecesOf, verbOf } from './command.js';
import { parseResponse, type Response, type ResponseCode } from './response.js';
import { type LiteralSink, ProtocolError, startAssembler } from './response-assembler.js';

/** Commands in flight at most, inclusive: none waits for the answer to the one before it. */
const windowMax = 64;

/** So long a server that owes an answer may say and take nothing, in milliseconds. */
const silenceMsMax = 300_000;

/** What a server said of a command: it did it, refused it (NO), or did not understand it (BAD). */
export type Answer = {
  readonly status: 'OK' | 'NO' | 'BAD';
  readonly code: ResponseCode | null;
  readonly text: string;
};

/** A response that is no answer to a command, as it comes while one is carried out. */
export type Untagged = Exclude<Response, { readonly kind: 'continue' }>;

/** Who hears what comes before the answer. All of it is called at once, as bytes arrive: nothing may take long. */
export type Listener = {
  hear?(response: Untagged): void;
  /** Where a literal goes (`StreamLiteral`). */
  stream?(before: string, sizeBytes: number): LiteralSink | null;
};

/**
 * A connection over which commands are sent one behind the other, and answered in their order. The server's refusal is
 * an answer; where the connection is lost, all that is not answered throws `io`: nobody knows what of it was done.
 */
export type Connection = {
  run(command: Command, listener?: Listener): Promise<Answer>;
  /** Why nothing can be said over it any more; null as long as something can. */
  lost(): Failure | null;
  close(): void;
};

type Running = {
  readonly tag: string;
  readonly verb: string;
  readonly pieces: Uint8Array[][];
  readonly listener: Listener;
  settle(answer: Answer): void;
  fail(cause: unknown): void;
};

type ConnectionOptions = {
  readonly input: Readable;
  readonly output: Writable;
  /** The server, for messages: never with a secret. */
  readonly name: string;
  readonly literalsAhead: LiteralsAhead;
  readonly silenceMs?: number;
};

/** A connection over streams on which whoever opened them has logged in. */
export function startConnection(options: ConnectionOptions): Connection {
  const { input, output, name, literalsAhead, silenceMs = silenceMsMax } = options;
  const queue: Queue = { running: [], lastWords: '' };
  const { running } = queue;
  const waiting: Running[] = []; // not yet written
  let tags = 0;
  let ended: Failure | null = null;
  let silence: NodeJS.Timeout | undefined;

  const heed = (): void => {
    clearTimeout(silence);
    if (ended !== null || running.length === 0) return;
    silence = setTimeout(() => lose('it has not answered', true), silenceMs);
  };
  const lose = (how: string, isSilent = false): void => {
    if (ended !== null) return;
    ended = lostFailure(name, queue, { how, isSilent });
    clearTimeout(silence);
    input.destroy();
    output.destroy();
    for (const command of [...running.splice(0), ...waiting.splice(0)]) command.fail(ended);
  };
  /** Writes until the window is full, or the server has to ask for a literal first. */
  const send = (): void => {
    while (ended === null) {
      const last = running.at(-1);
      if (last !== undefined && last.pieces.length > 0) break;
      if (running.length >= windowMax || output.writableNeedDrain) break;
      const next = waiting.shift();
      if (next === undefined) break;
      running.push(next);
      writePiece(next);
    }
    heed();
  };
  /** What is said at one time goes out in one piece. */
  const writePiece = ({ pieces }: Running): void => {
    output.cork();
    for (const part of pieces.shift() ?? []) output.write(part);
    process.nextTick(() => output.uncork());
  };
  const assembler = startAssembler(
    (before, sizeBytes) => queue.running[0]?.listener.stream?.(before, sizeBytes) ?? null,
    (raw) => takeResponse(queue, parseResponse(raw), writePiece),
  );

  listenTo(options, {
    send,
    lose,
    push(piece) {
      if (ended !== null) return;
      try {
        assembler.push(piece);
      } catch (error) {
        // What whoever listens cannot do, such as write to a full disk, is told to whoever asked.
        if (!(error instanceof ProtocolError)) running.shift()?.fail(error);
        lose(error instanceof ProtocolError ? error.message : 'what came could not be kept');
        return;
      }
      send();
    },
  });
  return {
    run: (command, listener = {}) =>
      new Promise((settle, fail) => {
        if (ended !== null) return fail(ended);
        const tag = `m${++tags}`;
        const pieces = piecesOf(tag, command, literalsAhead);
        waiting.push({ tag, verb: verbOf(command), pieces, listener, settle, fail });
        send();
      }),
    lost: () => ended,
    close: () => lose('it was closed here'),
  };
}

type Streaming = { push(piece: Uint8Array): void; send(): void; lose(how: string): void };

function listenTo({ input, output }: ConnectionOptions, { push, send, lose }: Streaming): void {
  input.on('data', push);
  for (const stream of new Set<Readable | Writable>([input, output])) {
    stream.on('error', (error: Error) => lose(error.message));
    stream.on('close', () => lose('it was closed'));
  }
  input.on('end', () => lose('the server closed it'));
  output.on('drain', send);
  input.resume(); // whoever logged in has stopped it
}

type Queue = {
  /** Written, at least in part; the oldest first. */
  readonly running: Running[];
  /** What the server said last that was no answer and may be why it says no more. */
  lastWords: string;
};

function lostFailure(
  name: string,
  { running: [oldest], lastWords }: Queue,
  { how, isSilent }: { readonly how: string; readonly isSilent: boolean },
): Failure {
  const said = lastWords === '' ? '' : `; it said: ${lastWords}`;
  const doing = oldest === undefined ? '' : ` during ${oldest.verb}`;
  return new Failure('io', `${name}: ${isSilent ? how : `the connection was lost${doing}: ${how}`}${said}`, {
    hint: 'Run the same command again: it sees what was done.',
  });
}

/** Gives a response to whom it concerns. Throws `ProtocolError` where nothing can follow it. */
function takeResponse(queue: Queue, response: Response, writePiece: (command: Running) => void): void {
  const { running } = queue;
  if (response.kind === 'continue') {
    const asking = running.find(({ pieces }) => pieces.length > 0);
    if (asking === undefined) throw new ProtocolError('asked for what nobody wants to send');
    writePiece(asking);
    return;
  }
  if (response.kind === 'status' && response.tag !== null) {
    takeAnswer(queue, response);
    return;
  }
  if (response.kind === 'status') {
    if (response.status !== 'OK' || response.code?.name === 'ALERT') queue.lastWords = printable(response.text);
    if (response.status === 'BYE') throw new ProtocolError('it ended the session');
  }
  running[0]?.listener.hear?.(response);
}

/** A command stays in the queue until it is known that this is its answer: else nobody would tell whoever waits. */
function takeAnswer({ running }: Queue, { tag, status, code, text }: Extract<Response, { kind: 'status' }>): void {
  const index = running.findIndex((command) => command.tag === tag);
  const command = running[index];
  if (command === undefined) throw new ProtocolError('answered a command that nobody gave');
  if (status !== 'OK' && status !== 'NO' && status !== 'BAD') throw new ProtocolError(`answered ${status}`);
  if (status === 'OK' && command.pieces.length > 0) throw new ProtocolError('answered before it had the command');
  running.splice(index, 1);
  command.settle({ status, code, text: printable(text) });
}

/** Words of a server for a message: without what a terminal would take for something else, and not too long. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
