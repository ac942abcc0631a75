import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { openUntrustedHandle } from '../../fs/open-untrusted-file.js';
import { sourceFailure } from './byte-source.js';

/** Bytes at the beginning and at the end of a file that its imprint covers. */
const edgeBytes = 64 << 10;

/** Computes an imprint while a file is written or read in pieces. */
type Imprinter = { add(piece: Uint8Array): void; imprint(): string; readonly sizeBytes: number };

/**
 * The cheap identity of a bundle file: its size, and SHA-256 of its first and last 64 KiB (which overlap in a small
 * file). It tells files apart and sees truncation; damage in the middle is for `verify` to find.
 */
export function startImprint(): Imprinter {
  let sizeBytes = 0;
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  return {
    add(piece) {
      sizeBytes += piece.length;
      if (head.length < edgeBytes) head = Buffer.concat([head, piece.subarray(0, edgeBytes - head.length)]);
      const last = piece.length >= edgeBytes ? piece.subarray(-edgeBytes) : Buffer.concat([tail, piece]);
      tail = Buffer.from(last.subarray(Math.max(0, last.length - edgeBytes)));
    },
    imprint: () => imprintText(sizeBytes, head, tail),
    get sizeBytes() {
      return sizeBytes;
    },
  };
}

/** The imprint of a file. Throws as reading a bundle does. */
export async function imprintOf(path: string): Promise<string> {
  let handle: FileHandle | null = null;
  try {
    const opened = await openUntrustedHandle(path, { links: 'refuse' });
    handle = opened.handle;
    const size = Number(opened.stats.size);
    const length = Math.min(size, edgeBytes);
    return imprintText(size, await readAt(handle, 0, length), await readAt(handle, size - length, length));
  } catch (error) {
    throw sourceFailure(path, error);
  } finally {
    await handle?.close();
  }
}

function imprintText(sizeBytes: number, head: Uint8Array, tail: Uint8Array): string {
  return `${sizeBytes}-${createHash('sha256').update(head).update(tail).digest('hex')}`;
}

/** Fewer bytes where the file ends before. */
export async function readAt(handle: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
