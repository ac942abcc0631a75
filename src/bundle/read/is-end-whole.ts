import type { FileHandle } from 'node:fs/promises';
import { openUntrustedHandle } from '../../fs/open-untrusted-file.js';
import { isAgeEndWhole } from '../../trust/age/decrypt.js';
import { isAge } from '../../trust/age/read-header.js';
import type { AgeIdentity } from '../../trust/age/recipient-keys.js';
import { openCodec } from '../archive/open-zstd-codec.js';
import { entryBytes, parseEntryHeader, tarBlockBytes, tarEndBytes } from '../archive/tar-header.js';
import { findFrameEnd, frameMagic, parseFrameHeader } from '../archive/zstd-frame-header.js';
import { endBytesMax, frameBytesMax, frameContentBytesMax } from '../format/bundle-limits.js';
import { endEntry } from '../format/entry-names.js';
import { unpackFrame } from '../frames/pack-and-unpack-frame.js';
import { sourceFailure } from './byte-source.js';
import { readAt } from './quick-file-hash.js';

/**
 * Bytes at the beginning and at the end of a file that are looked at: more than a header, and than a frame with nothing
 * but end.json, can have. Only where the end says nothing, as other writers put more into its frame, are as many more
 * read as a frame can have.
 */
const edgeBytes = 128 << 10;

/**
 * Does a bundle file end as it was written to end? For little, whatever its size: only its end is read, so damage
 * before that goes unnoticed. Throws as opening a bundle does.
 */
export async function isEndWhole(path: string, identities: readonly AgeIdentity[]): Promise<boolean> {
  let handle: FileHandle | null = null;
  try {
    const { handle: file, stats } = await openUntrustedHandle(path, { links: 'refuse' });
    handle = file;
    const size = Number(stats.size);
    const beginning = await readAt(file, 0, Math.min(size, edgeBytes));
    if (isAge(beginning)) {
      const read = (from: number, length: number): Promise<Uint8Array> => readAt(file, from, length);
      return await isAgeEndWhole({ name: path, beginning, sizeBytes: size, read }, identities);
    }
    for (const length of [edgeBytes, edgeBytes + frameBytesMax]) {
      const from = Math.max(0, size - length);
      if (await endsInMark(await readAt(file, from, size - from))) return true;
      if (from === 0) break;
    }
    return false;
  } catch (error) {
    throw sourceFailure(path, error);
  } finally {
    await handle?.close();
  }
}

/**
 * Does the archive in these last bytes of a file end in end.json? It may begin anywhere in a frame, and lie in several.
 */
async function endsInMark(tail: Buffer): Promise<boolean> {
  const codec = await openCodec(null);
  let begins = tail.length; // of the first of the frames that are known to reach to the end
  let content = Buffer.alloc(0);
  for (let at = tail.lastIndexOf(frameMagic); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf(frameMagic, at - 1)) {
    const header = parseFrameHeader(tail.subarray(at));
    if (header === 'short' || 'refused' in header || findFrameEnd(tail, header, at) !== begins) continue;
    const frame = unpackFrame(tail.subarray(at, begins), codec, frameContentBytesMax);
    if ('damaged' in frame) continue; // what a frame holds may look like the beginning of one
    begins = at;
    content = Buffer.concat([frame.bytes, content]);
    if (content.length < tarBlockBytes + tarEndBytes) continue;
    if (hasMarkAtEnd(content)) return true;
    if (content.length >= entryBytes(endBytesMax) + tarEndBytes) return false;
  }
  return false;
}

/** Is the last entry of this archive, of which the beginning may be missing, end.json? */
function hasMarkAtEnd(archive: Buffer): boolean {
  const end = archive.length - tarEndBytes;
  if (!archive.subarray(end).every((byte) => byte === 0)) return false;
  for (let bytes = tarBlockBytes; bytes <= Math.min(end, entryBytes(endBytesMax)); bytes += tarBlockBytes) {
    const entry = parseEntryHeader(archive.subarray(end - bytes, end - bytes + tarBlockBytes));
    if (entry?.name === endEntry && entryBytes(entry.sizeBytes) === bytes) return true;
  }
  return false;
}
