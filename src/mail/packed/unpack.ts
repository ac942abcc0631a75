import { type Container, containerOf, isReadable } from './container-kinds.js';
import { gunzip } from './gunzip.js';
import { startSink, type Take } from './unpack-sink.js';
import type { UnpackProblem, Untaken } from './unreadable-file-reasons.js';
import { unzstd } from './unzstd.js';

/**
 * Bytes that a packed text may unpack to. Inclusive. A bundle carries no larger text; and a file of a quarter of a
 * megabyte can be made that would keep a reader busy for gigabytes.
 */
const unpackedBytesMax = 256 << 20;

/**
 * Unpacks a file that begins like `container`, all members and frames one after the other, as Dovecot does: whatever
 * else follows them is a fault. Answers why it cannot be taken, or null where it was whole; only then is what was taken
 * of any worth.
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
