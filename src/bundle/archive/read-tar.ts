import type { Guid } from '../../mail/text/text-guid.js';
import type { Unpacked } from './decoded-frame-with-text-digests.js';
import { paddedBytes, parseEntryHeader, type TarEntry, tarBlockBytes, tarEndBytes } from './tar-header.js';

/** Decoded frames, one after the other, each with its place in the file; null at the end. */
export type Pieces = () => Promise<(Unpacked & { readonly at: number }) | null>;

/** A place that is no tar of ours, or could not be decoded. */
export type Broken = { readonly damaged: string };

/** What an entry holds, with its guid where a thread has computed it already. */
export type Content = { readonly bytes: Buffer; readonly guid: Guid | null };

/**
 * Takes tar bytes apart as they come out of the frames, whatever frame an entry begins in. It interprets nothing: an
 * entry is a plain file with exactly the header that `tar-header.ts` would write, and anything else is damage. Behind
 * damage only `resume` goes on.
 */
export type TarReader = {
  /**
   * The next entry's header; 'end' where the archive ends as it should. Its content has to be read or skipped before
   * the next call.
   */
  entry(): Promise<TarEntry | 'end' | Broken>;
  /**
   * The entry whose header comes next, as far as it lies in one frame; it is still to be read. Null where something
   * else comes, or nothing.
   */
  peek(): Promise<TarEntry | Broken | null>;
  /**
   * The content of the entry whose header was just read. No more memory is taken than has arrived, whatever the header
   * says.
   */
  content(entry: TarEntry): Promise<Content | Broken>;
  skip(entry: TarEntry): Promise<Broken | null>;
  /** Goes to the next frame that begins with an entry, which is the next to be read. Null where there is none. */
  resume(): Promise<TarEntry | null>;
  /** Goes on with frames from elsewhere once those at hand are used up. */
  continueFrom(pieces: Pieces): void;
};

type Piece = { readonly at: number; readonly bytes: Buffer; readonly digests: ReadonlyMap<number, Guid> };

const nothing: Piece = { at: 0, bytes: Buffer.alloc(0), digests: new Map() };

export function readTar(source: Pieces): TarReader {
  let pieces = source;
  let piece = nothing;
  let offset = 0;

  const use = (next: Exclude<Unpacked, Broken> & { readonly at: number }): void => {
    const { buffer, byteOffset, byteLength } = next.bytes;
    piece = { at: next.at, bytes: Buffer.from(buffer, byteOffset, byteLength), digests: new Map(next.digests) };
    offset = 0;
  };

  /** Sees to it that something of the current piece is left; 'over' where nothing follows. */
  const load = async (): Promise<Broken | 'over' | null> => {
    while (offset === piece.bytes.length) {
      const next = await pieces();
      if (next === null) return 'over';
      if ('damaged' in next) return { damaged: `at byte ${next.at}: ${next.damaged}` };
      use(next);
    }
    return null;
  };

  /** Gives the next bytes to `take` in as many parts as frames they lie in. */
  const eat = async (length: number, take: (part: Buffer) => void): Promise<Broken | null> => {
    for (let left = length; left > 0; ) {
      const broken = await load();
      if (broken === 'over') return { damaged: 'it was cut off' };
      if (broken !== null) return broken;
      const part = piece.bytes.subarray(offset, offset + left);
      offset += part.length;
      left -= part.length;
      take(part);
    }
    return null;
  };

  const read = async (length: number): Promise<Buffer | Broken> => {
    const parts: Buffer[] = [];
    const broken = await eat(length, (part) => parts.push(part));
    const [first] = parts;
    return broken ?? (parts.length === 1 && first !== undefined ? first : Buffer.concat(parts));
  };

  const padding = async ({ sizeBytes }: TarEntry): Promise<Broken | null> => {
    const zeros = await read(paddedBytes(sizeBytes) - sizeBytes);
    if ('damaged' in zeros) return zeros;
    return isZero(zeros) ? null : { damaged: `in the frame at byte ${piece.at}: an entry is not filled up with zeros` };
  };

  return {
    async entry() {
      const block = await read(tarBlockBytes);
      if ('damaged' in block) return block;
      const entry = parseEntryHeader(block);
      if (entry !== null) return entry;
      if (!isZero(block)) {
        return { damaged: `in the frame at byte ${piece.at}: there is something that mrepl does not write` };
      }
      const rest = await read(tarEndBytes - tarBlockBytes);
      if ('damaged' in rest) return rest;
      if (!isZero(rest)) return { damaged: 'the end of its archive is damaged' };
      const beyond = await load();
      return beyond === 'over' ? 'end' : { damaged: 'something follows its end' };
    },
    async peek() {
      const broken = await load();
      if (broken !== null) return broken === 'over' ? null : broken;
      return parseEntryHeader(piece.bytes.subarray(offset, offset + tarBlockBytes));
    },
    async content(entry) {
      await load(); // so that the content begins in the current piece, as it does for the thread that hashed it
      const guid = piece.digests.get(offset) ?? null;
      const bytes = await read(entry.sizeBytes);
      if ('damaged' in bytes) return bytes;
      return (await padding(entry)) ?? { bytes, guid };
    },
    async skip(entry) {
      return (await eat(entry.sizeBytes, () => undefined)) ?? (await padding(entry));
    },
    async resume() {
      piece = nothing;
      offset = 0;
      for (;;) {
        const next = await pieces();
        if (next === null) return null;
        if ('damaged' in next) continue;
        use(next);
        const entry = parseEntryHeader(piece.bytes.subarray(0, tarBlockBytes));
        if (entry !== null) return entry;
        piece = nothing;
      }
    },
    continueFrom(next) {
      pieces = next;
    },
  };
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
