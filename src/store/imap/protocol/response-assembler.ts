import { keptLiteralBytesMax, lineBytesMax, literalsMax, streamedLiteralBytesMax } from './protocol-limits.js';

/** Takes a literal in pieces, each in memory that is used again, as soon as it comes. */
export type LiteralSink = { take(piece: Uint8Array): void; end(): void };

/**
 * Where a literal goes that is about to come: null keeps it with the response. `before` is what came of the response so
 * far, one character per byte, without literals.
 */
type StreamLiteral = (before: string, sizeBytes: number) => LiteralSink | null;

/**
 * A literal where it stood in a response: its bytes, or, where it was streamed, how many there were.
 */
export type Literal = { readonly bytes: Uint8Array } | { readonly streamedBytes: number };

/** A whole response of a server: lines without their ends, one character per byte, with literals between them. */
export type RawResponse = { readonly lines: readonly string[]; readonly literals: readonly Literal[] };

/** What a server sends is no IMAP, or more than it may be; the end of a sentence. */
export class ProtocolError extends Error {}

/** Makes whole responses of the bytes that a server sends, in pieces of any size. Throws `ProtocolError`. */
type ResponseAssembler = { push(piece: Uint8Array): void };

/**
 * A status response ends with words for people, in which a brace is a brace. Its code is not looked at: none has
 * literals.
 */
const endsInWords = /^(?:\S+ (?:OK|NO|BAD|BYE|PREAUTH)\b|\+)/i;

const literalAhead = /~?\{(\d{1,15})\+?\}$/;
const LF = 0x0a;

/** Starts with the greeting, or with whatever follows the last whole response. */
export function startAssembler(stream: StreamLiteral, give: (response: RawResponse) => void): ResponseAssembler {
  const state = startState();
  return {
    push(piece) {
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      let at = 0;
      while (at < bytes.length) {
        if (state.literal !== null) {
          at += takeLiteral(state, bytes.subarray(at));
          continue;
        }
        const end = bytes.indexOf(LF, at);
        const part = bytes.subarray(at, end < 0 ? bytes.length : end);
        at += part.length + 1;
        keepOfLine(state, part);
        if (end >= 0) endLine(state, stream, give);
      }
    },
  };
}

type State = {
  /** What came of a line that has no end yet. */
  line: Buffer[];
  lineBytes: number;
  /** Of the response that is under way. */
  lines: string[];
  literals: Literal[];
  keptBytes: number;
  literal: { readonly sizeBytes: number; missing: number; readonly sink: LiteralSink | Buffer } | null;
};

function startState(): State {
  return { line: [], lineBytes: 0, lines: [], literals: [], keptBytes: 0, literal: null };
}

function keepOfLine(state: State, part: Buffer): void {
  state.lineBytes += part.length;
  if (state.lineBytes > lineBytesMax) throw new ProtocolError(`sent a line of more than ${lineBytesMax} bytes`);
  if (part.length > 0) state.line.push(Buffer.from(part));
}

function endLine(state: State, stream: StreamLiteral, give: (response: RawResponse) => void): void {
  const line = Buffer.concat(state.line).toString('latin1').replace(/\r$/, '');
  state.line = [];
  state.lineBytes = 0;
  state.lines.push(line);
  const announced = endsInWords.test(state.lines[0] ?? '') ? null : literalAhead.exec(line);
  if (announced !== null) {
    beginLiteral(state, stream, Number(announced[1]));
    return;
  }
  const { lines, literals } = state;
  state.lines = [];
  state.literals = [];
  state.keptBytes = 0;
  give({ lines, literals });
}

function beginLiteral(state: State, stream: StreamLiteral, sizeBytes: number): void {
  if (state.literals.length === literalsMax) throw new ProtocolError(`sent more than ${literalsMax} literals at once`);
  const sink = sizeBytes > streamedLiteralBytesMax ? null : stream(state.lines.join(''), sizeBytes);
  if (sink === null) {
    state.keptBytes += sizeBytes;
    if (state.keptBytes > keptLiteralBytesMax) throw new ProtocolError(`sent a literal of ${sizeBytes} bytes`);
  }
  state.literal = { sizeBytes, missing: sizeBytes, sink: sink ?? Buffer.alloc(sizeBytes) };
  if (sizeBytes === 0) endLiteral(state);
}

/** Gives how many bytes belonged to it. */
function takeLiteral(state: State, bytes: Buffer): number {
  const { literal } = state;
  if (literal === null) return 0;
  const { sink, sizeBytes, missing } = literal;
  const part = bytes.subarray(0, missing);
  if (Buffer.isBuffer(sink)) part.copy(sink, sizeBytes - missing);
  else sink.take(part);
  literal.missing -= part.length;
  if (literal.missing === 0) endLiteral(state);
  return part.length;
}

function endLiteral(state: State): void {
  const { literal } = state;
  if (literal === null) return;
  const { sink, sizeBytes } = literal;
  state.literals.push(Buffer.isBuffer(sink) ? { bytes: sink } : { streamedBytes: sizeBytes });
  state.literal = null;
  if (!Buffer.isBuffer(sink)) sink.end();
}
