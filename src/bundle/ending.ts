import { type FileHandle, open } from 'node:fs/promises';
import { isAge } from '../trust/age-front.js';
import type { AgeIdentity } from '../trust/age-keys.js';
import { isAgeEndWhole } from '../trust/age-open.js';
import { sourceFailure } from './byte-source.js';
import { endEntry } from './entry-name.js';
import { findFrameEnd, frameMagic, parseFrameHeader } from './frame-header.js';
import { unpackFrame } from './frame-work.js';
import { readAt } from './imprint.js';
import { endBytesMax, frameContentBytesMax } from './limits.js';
import { openCodec } from './open-codec.js';
import { entryBytes, parseEntryHeader, tarBlockBytes, tarEndBytes } from './tar-entry.js';

/** Bytes at the beginning and at the end of a file that are looked at: more than a header, and than the frame of end.json, can have. */
const edgeBytes = 128 << 10;

/**
 * Does a bundle file end as it was written to end? For little, whatever its size: only its end is read, so damage before that goes unnoticed.
 * Throws as opening a bundle does.
 */
export async function isEndWhole(path: string, identities: readonly AgeIdentity[]): Promise<boolean> {
  let handle: FileHandle | null = null;
  try {
    const file = await open(path, 'r');
    handle = file;
    const { size } = await file.stat();
    const beginning = await readAt(file, 0, Math.min(size, edgeBytes));
    if (isAge(beginning)) {
      const read = (from: number, length: number): Promise<Uint8Array> => readAt(file, from, length);
      return await isAgeEndWhole({ name: path, beginning, sizeBytes: size, read }, identities);
    }
    const length = Math.min(size, edgeBytes);
    return await endsInMark(await readAt(file, size - length, length));
  } catch (error) {
    throw sourceFailure(path, error);
  } finally {
    await handle?.close();
  }
}

/** Is the last frame, which nothing follows, that of end.json? */
async function endsInMark(tail: Buffer): Promise<boolean> {
  for (let at = tail.lastIndexOf(frameMagic); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(frameMagic, at - 1)) {
    const header = parseFrameHeader(tail.subarray(at));
    if (header === 'short' || 'refused' in header || findFrameEnd(tail, header, at) !== tail.length) continue;
    if (header.contentBytes > entryBytes(endBytesMax) + tarEndBytes) return false;
    const frame = unpackFrame(tail.subarray(at), await openCodec(null), frameContentBytesMax);
    if ('damaged' in frame) return false;
    return parseEntryHeader(Buffer.from(frame.bytes.subarray(0, tarBlockBytes)))?.name === endEntry;
  }
  return false;
}
