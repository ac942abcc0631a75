import { invariant } from '../../../failure.js';
import { commandBytesMax } from './protocol-limits.js';

/** A command without its tag: words as they are sent, with literals between them. */
export type Command = readonly (string | Literal)[];

type Literal = { readonly literal: Uint8Array };

/** A text of printable ASCII as IMAP takes it in quotes, such as the name of a mailbox. */
export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** How a server takes literals: without being asked first, up to so many bytes each. */
export type LiteralsAhead = { readonly bytesMax: number };

/** By its capabilities (RFC 7888): LITERAL+ sets no limit, LITERAL- one of 4,096 bytes. */
export function literalsAheadBy(capabilities: ReadonlySet<string>): LiteralsAhead {
  if (capabilities.has('LITERAL+')) return { bytesMax: Number.POSITIVE_INFINITY };
  return { bytesMax: capabilities.has('LITERAL-') ? 4096 : -1 };
}

/**
 * The pieces in which a command is sent: before each but the first of them the server has to ask for more. Whoever
 * would send a line end within the words would send another command.
 */
export function piecesOf(tag: string, command: Command, { bytesMax }: LiteralsAhead): Uint8Array[][] {
  const pieces: Uint8Array[][] = [];
  let piece: Uint8Array[] = [Buffer.from(`${tag} `)];
  for (const part of command) {
    if (typeof part === 'string') {
      invariant(!/[^\x20-\x7e]/.test(part), 'words of a command are printable ASCII');
      invariant(part.length <= commandBytesMax, 'a command is no longer than servers take');
      piece.push(Buffer.from(part));
      continue;
    }
    const { literal } = part;
    const isAhead = literal.length <= bytesMax;
    piece.push(Buffer.from(`{${literal.length}${isAhead ? '+' : ''}}\r\n`));
    if (!isAhead) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(literal);
  }
  piece.push(Buffer.from('\r\n'));
  return [...pieces, piece];
}

/** The first word of a command, for messages: never what follows it, which may be a secret. */
export function verbOf(command: Command): string {
  const [first] = command;
  const [verb = '', next = ''] = typeof first === 'string' ? first.split(' ') : [];
  return verb === 'UID' ? `${verb} ${next}` : verb;
}
