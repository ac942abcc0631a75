import { closeSync, readSync } from 'node:fs';
import { isOfOneThing } from '../../failure.js';
import { errnoOf } from '../../fs/errno.js';
import { openUntrusted } from '../../fs/open-untrusted-file.js';
import { containerOf } from '../../mail/packed/container-kinds.js';
import { unpack } from '../../mail/packed/unpack.js';
import { canonicalText } from '../../mail/text/canonical-text.js';
import { type Guid, guidOfCanonical } from '../../mail/text/text-guid.js';
import { owned, type Unpacked } from '../archive/decoded-frame-with-text-digests.js';
import { type PackedEntry, packEntries } from '../archive/pack-tar.js';
import { type Arena, createArena } from '../archive/reusable-buffer.js';
import { sha256 } from '../archive/sha256.js';
import { entryBytes, parseEntryHeader, tarBlockBytes } from '../archive/tar-header.js';
import type { FrameCodec } from '../archive/zstd-frame-codec.js';
import { guidOfEntry } from '../format/entry-names.js';

/**
 * Bytes of tar in a frame. Smaller frames compress worse (4 MiB would be 0.5% smaller), larger ones cost more when one
 * is damaged.
 */
export const frameTarBytes = 1 << 20;

/** An entry to be packed: its content, or the file of a message whose text, made canonical, has this guid and size. */
export type PackItem = {
  readonly name: string;
  readonly sizeBytes: number;
  readonly guid: Guid | null;
  readonly content: { readonly bytes: Uint8Array } | { readonly file: string };
};

/** Frames for these entries; the first begins with the first entry's header. `ends` adds the end of the archive. */
export type PackJob = { readonly items: readonly PackItem[]; readonly ends: boolean };

/** `failed`: indices of items whose file could not be read or holds another text; then there are no frames. */
export type Packed = { readonly frames: readonly Uint8Array[]; readonly failed: readonly number[] };

/**
 * What packing may add to a text that cannot be made smaller, in bytes: headers with names in them, members without
 * content. Inclusive.
 */
const packingBytesMax = 64 << 10;

/** Does the work of packing, one job after the other. */
export type Packer = (job: PackJob) => Promise<Packed>;

/**
 * Work for a thread: reads files, checks texts, makes tar, compresses. A job must be done before the next one is given.
 */
export function createPacker(codec: FrameCodec): Packer {
  const messages = createArena();
  const archive = createArena();
  return async ({ items, ends }) => {
    messages.clear();
    archive.clear();
    const entries: PackedEntry[] = [];
    const failed: number[] = [];
    for (const [index, item] of items.entries()) {
      const content = await contentOf(item, messages);
      if (content === null) failed.push(index);
      else entries.push({ name: item.name, content });
    }
    if (failed.length > 0) return { frames: [], failed };
    const tar = packEntries(entries, { ends, take: archive.take });
    const frames: Uint8Array[] = [];
    for (let at = 0; at < tar.length; at += frameTarBytes) {
      frames.push(owned(codec.compressFrame(tar.subarray(at, at + frameTarBytes))));
    }
    return { frames, failed };
  };
}

/** Work for a thread: decodes a frame and hashes the texts in it. */
export function unpackFrame(frame: Uint8Array, codec: FrameCodec, sizeBytesMax: number): Unpacked {
  let bytes: Uint8Array;
  try {
    bytes = owned(codec.decompressFrame(frame, sizeBytesMax));
  } catch (error) {
    if (isOfOneThing(error, 'bundle-damaged')) return { damaged: error.message };
    throw error;
  }
  const digests: [number, Guid][] = [];
  const view = Buffer.from(bytes.buffer);
  for (let at = 0; at < view.length; ) {
    const entry = parseEntryHeader(view.subarray(at, at + tarBlockBytes));
    if (entry === null) break;
    const from = at + tarBlockBytes;
    at += entryBytes(entry.sizeBytes);
    if (at <= view.length && guidOfEntry(entry.name) !== null) {
      digests.push([from, guidOfCanonical(view.subarray(from, from + entry.sizeBytes))]);
    }
  }
  return { bytes, digests };
}

async function contentOf({ content, guid, sizeBytes }: PackItem, arena: Arena): Promise<Buffer | null> {
  if ('bytes' in content) return Buffer.from(content.bytes.buffer, content.bytes.byteOffset, content.bytes.byteLength);
  const raw = readMessage(content.file, sizeBytes, arena);
  if (raw === null) return null;
  const plain = await unpackedTo(raw, 2 * sizeBytes);
  if (plain === null) return null;
  const text = canonicalText(plain);
  if (text.length !== sizeBytes) return null;
  if (sha256(text) !== guid) return null;
  return Buffer.from(text.buffer, text.byteOffset, text.byteLength);
}

/** What a file holds, which may be packed in it; null where that is more, or cannot be unpacked. */
async function unpackedTo(content: Buffer, bytesMax: number): Promise<Buffer | null> {
  const container = containerOf(content);
  if (container === null) return content;
  const parts: Buffer[] = [];
  const take = (piece: Uint8Array): void => void parts.push(Buffer.from(piece));
  return (await unpack(container, [content], { take, bytesMax })) === null ? Buffer.concat(parts) : null;
}

/**
 * The file whole; null where it cannot be read or cannot be a text of that size: every LF may have been a CRLF, and it
 * may be packed.
 */
function readMessage(file: string, sizeBytes: number, arena: Arena): Buffer | null {
  try {
    const { fd, stats } = openUntrusted(file, { links: 'ofDirectory' });
    try {
      const fileBytes = Number(stats.size);
      if (fileBytes > 2 * sizeBytes + packingBytesMax) return null;
      const bytes = arena.take(fileBytes);
      let length = 0;
      while (length < fileBytes) {
        const more = readSync(fd, bytes, length, fileBytes - length, null);
        if (more === 0) return null;
        length += more;
      }
      return bytes;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    // Renamed or expunged meanwhile, or unreadable: whoever gave out the job looks the message up anew and says what is
    // wrong.
    return null;
  }
}
