import { type Container, containerOf, isReadable, markBytesMax } from './containers.js';
import { gunzip } from './gunzip.js';
import type { UnpackProblem, Untaken } from './untaken.js';
import { unzstd } from './unzstd.js';

/**
 * Bytes that a packed text may unpack to. Inclusive. A bundle carries no larger text; and a file of a quarter of a megabyte can be made that would
 * keep a reader busy for gigabytes.
 */
export const unpackedBytesMax = 256 << 20;

/** Takes what is unpacked, piece by piece. A piece is to be used at once: its memory may be used again. */
export type Take = (piece: Uint8Array) => void;

/** Where a decoder puts what it unpacks. It is to stop where that has become a problem. */
export type Sink = {
  readonly take: Take;
  /** Set once what came is known to be nothing that is taken. */
  problem(): UnpackProblem | null;
  sizeBytes(): number;
};

/**
 * Unpacks a file that begins like `container`, all members and frames one after the other, as Dovecot does: whatever else follows them is a fault. Answers why it
 * cannot be taken, or null where it was whole; only then is what was taken of any worth.
 */
export async function unpack(
  container: Container,
  pieces: Iterable<Uint8Array>,
  { take, bytesMax = unpackedBytesMax }: { readonly take: Take; readonly bytesMax?: number },
): Promise<UnpackProblem | null> {
  if (!isReadable(container)) return 'unread';
  const sink = startSink(take, bytesMax);
  const problem = await (container === 'gzip' ? gunzip(pieces, sink) : unzstd(pieces, sink));
  return sink.problem() ?? problem;
}

/** The content of a file: itself where it is plain, else what is packed in it. */
export async function unpacked(content: Uint8Array): Promise<Uint8Array | Untaken> {
  const container = containerOf(content);
  if (container === null) return content;
  const taken: Buffer[] = [];
  const problem = await unpack(container, [content], { take: (piece) => void taken.push(Buffer.from(piece)) });
  return problem === null ? Buffer.concat(taken) : { container, problem };
}

function startSink(take: Take, bytesMax: number): Sink {
  const beginning: number[] = [];
  let sizeBytes = 0;
  let problem: UnpackProblem | null = null;
  return {
    take(piece) {
      if (problem !== null) return;
      sizeBytes += piece.length;
      if (sizeBytes > bytesMax) problem = 'too-large';
      for (let at = 0; at < piece.length && beginning.length < markBytesMax; at++) beginning.push(piece[at] ?? 0);
      if (sizeBytes - piece.length < markBytesMax && containerOf(Uint8Array.from(beginning)) !== null)
        problem = 'nested';
      if (problem === null) take(piece);
    },
    problem: () => problem,
    sizeBytes: () => sizeBytes,
  };
}
