import { Failure } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';
import { isUnusable, openUntrustedHandle } from '../../fs/open-untrusted-file.js';
import { untilAborted } from '../../fs/stop-if-aborted.js';

/** Where a bundle comes from: the path of a file, or bytes from a pipe, read once. */
export type BundleSource = string | AsyncIterable<Uint8Array>;

/** Bytes in pieces, in order. `name` is what messages call it. */
export type ByteSource = {
  readonly name: string;
  readonly sizeBytes: number | null;
  /** The next ones, good until the next call; null at the end. Throws `medium-absent`, `medium-lost`, `io`. */
  next(): Promise<Uint8Array | null>;
  close(): Promise<void>;
};

/** What is read at first: enough for the beginning of nearly every bundle, little on a slow stick. */
const firstReadBytes = 64 << 10;
const readBytes = 1 << 20;

/** `signal`: reading a file ends with it, however long the disk takes; a pipe is for its owner to end. */
export async function openSource(source: BundleSource, signal?: AbortSignal): Promise<ByteSource> {
  return typeof source === 'string' ? openFile(source, signal) : openStream(source);
}

async function openFile(path: string, signal: AbortSignal | undefined): Promise<ByteSource> {
  const attempt = async <T>(work: () => Promise<T>, discard?: (late: T) => unknown): Promise<T> => {
    try {
      return await untilAborted(work(), signal, discard);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw sourceFailure(path, error);
    }
  };
  const { handle, stats } = await attempt(
    () => openUntrustedHandle(path, { links: 'refuse' }),
    (late) => late.handle.close(),
  );
  let buffer = Buffer.allocUnsafeSlow(firstReadBytes);
  let isFirst = true;
  let closed = false;
  return {
    name: path,
    sizeBytes: Number(stats.size),
    async next() {
      if (!isFirst && buffer.length < readBytes) buffer = Buffer.allocUnsafeSlow(readBytes);
      isFirst = false;
      const { bytesRead } = await attempt(() => handle.read(buffer, 0, buffer.length, null));
      return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
    },
    async close() {
      if (closed) return;
      closed = true;
      await handle.close();
    },
  };
}

function openStream(stream: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = stream[Symbol.asyncIterator]();
  return {
    name: '-',
    sizeBytes: null,
    async next() {
      try {
        const { done, value } = await iterator.next();
        return done === true ? null : value;
      } catch (error) {
        throw sourceFailure('-', error);
      }
    },
    async close() {
      await iterator.return?.();
    },
  };
}

/** Errors that a stick gives when it is pulled out or fails. */
const lost: ReadonlySet<string> = new Set(['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ESTALE', 'EROFS']);

/** A pipe that ended in the middle, as Node puts it. */
const ofStream = /^ERR_STREAM_/;

/**
 * A failed system call on a bundle, or a pipe that broke, as a Failure; failures pass through. Throws what is neither.
 */
export function sourceFailure(name: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const errno = errnoOf(cause);
  if (!(cause instanceof Error)) throw cause;
  if (isUnusable(cause)) return new Failure('io', `reading a bundle: ${cause.message}`, { cause });
  const isBroken = 'code' in cause && ofStream.test(String(cause.code));
  if (errno === undefined && !isBroken) throw cause;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return new Failure('medium-absent', `reading ${name}: there is no such file; nothing was changed`, {
      hint: 'Is the stick mounted, and the name right?',
      cause,
    });
  }
  if (errno !== undefined && lost.has(errno)) {
    return new Failure('medium-lost', `reading ${name}: the stick was removed or is failing (${errno})`, {
      hint: 'Plug it in and run the same command again.',
      cause,
    });
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new Failure('io', `reading ${name}: that is not permitted`, {
      hint: 'Mend the permissions of the file; if it is yours, another user may have written it.',
      cause,
    });
  }
  return new Failure('io', `reading ${name}: ${cause.message}`, { cause });
}
