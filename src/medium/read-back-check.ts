import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../failure.js';
import { errnoOf } from '../fs/errno.js';
import { isUnusable, openUntrustedHandle } from '../fs/open-untrusted-file.js';

/**
 * Memory and places in the file must be multiples of this for a read past the page cache; devices ask for 512 or 4096.
 */
const alignedBytes = 4096;
const pieceBytes = 1 << 20;

/** What malloc gives begins at a multiple of this. */
const mallocBytes = 16;

/** Reads a file back while it is being written, some way behind. */
export type ReadBack = {
  /** So much of it has been written by now. */
  written(sizeBytes: number): void;
  /**
   * To be asked once it is written and synced: what it holds, and whether that is what the device has. It is, where the
   * file system can read past the page cache: a cached read right after a write only says that the memory is good.
   * System errors are thrown.
   */
  end(): Promise<{ readonly sha256: string; readonly isDirect: boolean }>;
  /** Gives back what is open, whatever came of it. */
  close(): Promise<void>;
};

/** Is read back at a time while the rest is still being written. A multiple of `pieceBytes`. */
const stepBytes = 16 << 20;

/** The file as it is being written; `doing` begins what is said of it. */
type Written = { readonly handle: FileHandle; readonly doing: string };

/** `path` is asked right before the file is opened anew: another one of its name is not read. */
export function startReadBack(path: () => string, written: Written): ReadBack {
  let reader: Promise<Reader> | null = null;
  let asked = 0;
  let last: Promise<void> = Promise.resolve();
  const readOn = (limit: number): void => {
    reader ??= openReader(path, written, constants.O_DIRECT);
    const opened = reader;
    last = last.then(async () => (await opened).readTo(limit));
    last.catch(() => undefined); // it is told by `end`
  };
  return {
    written(sizeBytes) {
      if (sizeBytes - asked < stepBytes) return;
      asked = Math.floor(sizeBytes / stepBytes) * stepBytes;
      readOn(asked);
    },
    async end() {
      readOn(Infinity);
      try {
        await last;
        return { sha256: ((await reader) as Reader).sha256(), isDirect: true };
      } catch (error) {
        const errno = errnoOf(error);
        if (errno !== 'EINVAL' && errno !== 'EOPNOTSUPP' && errno !== 'ENOTSUP') throw error;
      }
      const cached = await openReader(path, written, 0);
      try {
        await cached.readTo(Infinity);
        return { sha256: cached.sha256(), isDirect: false };
      } finally {
        await cached.close();
      }
    },
    async close() {
      await last.catch(() => undefined);
      await reader?.then((one) => one.close()).catch(() => undefined);
    },
  };
}

type Reader = { readTo(limit: number): Promise<void>; sha256(): string; close(): Promise<void> };

async function openReader(path: () => string, written: Written, moreFlags: number): Promise<Reader> {
  const hash = createHash('sha256');
  const memory = Buffer.allocUnsafeSlow(pieceBytes + alignedBytes);
  const { handle, stats } = await openUntrustedHandle(path(), { links: 'refuse' }, moreFlags).catch((cause) => {
    throw isUnusable(cause) ? exchanged(written.doing) : cause;
  });
  try {
    const { dev, ino } = await written.handle.stat({ bigint: true });
    if (dev !== stats.dev || ino !== stats.ino) throw exchanged(written.doing);
  } catch (error) {
    await handle.close();
    throw error;
  }
  let offset: number | null = null;
  let at = 0;
  return {
    async readTo(limit) {
      offset ??= await alignedOffset(memory, handle);
      while (at < limit) {
        const { bytesRead } = await handle.read(memory, offset, pieceBytes, at);
        if (bytesRead === 0) break;
        hash.update(memory.subarray(offset, offset + bytesRead));
        at += bytesRead;
      }
    },
    sha256: () => hash.digest('hex'),
    close: () => handle.close(),
  };
}

function exchanged(doing: string): Failure {
  return new Failure('io', `${doing}: when it was read back, another file had its name`, {
    hint: 'Does anybody else write there? Run the same command again.',
  });
}

/**
 * Where in `memory` the kernel takes a read past the page cache. JavaScript has no addresses, so the places are tried.
 */
async function alignedOffset(memory: Buffer, handle: FileHandle): Promise<number> {
  for (let offset = 0; ; offset += mallocBytes) {
    try {
      await handle.read(memory, offset, alignedBytes, 0);
      return offset;
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL' || offset + mallocBytes >= alignedBytes) throw error;
    }
  }
}
