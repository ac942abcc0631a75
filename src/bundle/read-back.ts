import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf } from '../files.js';

/** Memory and places in the file must be multiples of this for a read past the page cache; devices ask for 512 or 4096. */
const alignedBytes = 4096;
const pieceBytes = 1 << 20;

/** What malloc gives begins at a multiple of this. */
const mallocBytes = 16;

/**
 * Hashes a file as the device has it, where the file system can read past the page cache: a cached read right after a
 * write only says that the memory is good. Else as it is cached. System errors are thrown.
 */
export async function readBack(path: string): Promise<{ readonly sha256: string; readonly isDirect: boolean }> {
  try {
    return { sha256: await hashOf(path, constants.O_RDONLY | constants.O_DIRECT), isDirect: true };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EINVAL' && errno !== 'EOPNOTSUPP' && errno !== 'ENOTSUP') throw error;
    return { sha256: await hashOf(path, constants.O_RDONLY), isDirect: false };
  }
}

async function hashOf(path: string, flags: number): Promise<string> {
  const hash = createHash('sha256');
  const memory = Buffer.allocUnsafeSlow(pieceBytes + alignedBytes);
  const handle = await open(path, flags);
  try {
    const { size } = await handle.stat();
    const offset = await alignedOffset(memory, handle);
    for (let at = 0; at < size; ) {
      const { bytesRead } = await handle.read(memory, offset, pieceBytes, at);
      if (bytesRead === 0) break;
      hash.update(memory.subarray(offset, offset + bytesRead));
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}

/** Where in `memory` the kernel takes a read past the page cache. JavaScript has no addresses, so the places are tried. */
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
