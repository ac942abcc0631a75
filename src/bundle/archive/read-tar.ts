import type { Guid } from '../../mail/text/text-guid.js';
import type { Unpacked } from './decoded-frame-with-text-digests.js';
import { paddedBytes, parseEntryHeader, type TarEntry, tarBlockBytes, tarEndBytes } from './tar-header.js';

/** Decoded frames, one after the other, each with its place in the file; null at the end. */
export type Pieces = () => Promise<(Unpacked & { readonly at: number }) | null>;

/** A place that is no tar of ours, or could not be decoded. */
export type Broken = { readonly damaged: string };

/** What an entry holds, with its guid where a thread has computed it already. */
type Content = { readonly bytes: Buffer; readonly guid: Guid | null };

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

/** Where a reader stands: at this byte of this piece, with more pieces to come. */
type Place = { pieces: Pieces; piece: Piece; offset: number };

/**
 * Reads the archive whose bytes come out of `source`; see mrepl-bundle(5), "ARCHIVE". Damage is answered, not thrown;
 * what `source` throws comes through.
 */
export function readTar(source: Pieces): TarReader {
  const place: Place = { pieces: source, piece: nothing, offset: 0 };
  return {
    entry: () => readEntryHeader(place),
    async peek() {
      const broken = await load(place);
      if (broken !== null) return broken === 'over' ? null : broken;
      return parseEntryHeader(place.piece.bytes.subarray(place.offset, place.offset + tarBlockBytes));
    },
    async content(entry) {
      await load(place); // so that the content begins in the current piece, as it does for the thread that hashed it
      const guid = place.piece.digests.get(place.offset) ?? null;
      const bytes = await read(place, entry.sizeBytes);
      if ('damaged' in bytes) return bytes;
      return (await readPadding(place, entry)) ?? { bytes, guid };
    },
    async skip(entry) {
      return (await eat(place, entry.sizeBytes, () => undefined)) ?? (await readPadding(place, entry));
    },
    resume: () => resumeAtFrame(place),
    continueFrom(next) {
      place.pieces = next;
    },
  };
}

async function readEntryHeader(place: Place): Promise<TarEntry | 'end' | Broken> {
  const block = await read(place, tarBlockBytes);
  if ('damaged' in block) return block;
  const entry = parseEntryHeader(block);
  if (entry !== null) return entry;
  if (!isZero(block)) {
    return { damaged: `in the frame at byte ${place.piece.at}: there is something that mrepl does not write` };
  }
  const rest = await read(place, tarEndBytes - tarBlockBytes);
  if ('damaged' in rest) return rest;
  if (!isZero(rest)) return { damaged: 'the end of its archive is damaged' };
  const beyond = await load(place);
  return beyond === 'over' ? 'end' : { damaged: 'something follows its end' };
}

async function readPadding(place: Place, { sizeBytes }: TarEntry): Promise<Broken | null> {
  const zeros = await read(place, paddedBytes(sizeBytes) - sizeBytes);
  if ('damaged' in zeros) return zeros;
  if (isZero(zeros)) return null;
  return { damaged: `in the frame at byte ${place.piece.at}: an entry is not filled up with zeros` };
}

async function resumeAtFrame(place: Place): Promise<TarEntry | null> {
  place.piece = nothing;
  place.offset = 0;
  for (;;) {
    const next = await place.pieces();
    if (next === null) return null;
    if ('damaged' in next) continue;
    use(place, next);
    const entry = parseEntryHeader(place.piece.bytes.subarray(0, tarBlockBytes));
    if (entry !== null) return entry;
    place.piece = nothing;
  }
}

/** The next bytes; memory of the current piece where they lie in it as a whole. */
async function read(place: Place, length: number): Promise<Buffer | Broken> {
  const parts: Buffer[] = [];
  const broken = await eat(place, length, (part) => parts.push(part));
  const [first] = parts;
  return broken ?? (parts.length === 1 && first !== undefined ? first : Buffer.concat(parts));
}

/** Gives the next bytes to `take` in as many parts as frames they lie in. */
async function eat(place: Place, length: number, take: (part: Buffer) => void): Promise<Broken | null> {
  for (let left = length; left > 0; ) {
    const broken = await load(place);
    if (broken === 'over') return { damaged: 'it was cut off' };
    if (broken !== null) return broken;
    const part = place.piece.bytes.subarray(place.offset, place.offset + left);
    place.offset += part.length;
    left -= part.length;
    take(part);
  }
  return null;
}

/** Sees to it that something of the current piece is left; 'over' where nothing follows. */
async function load(place: Place): Promise<Broken | 'over' | null> {
  while (place.offset === place.piece.bytes.length) {
    const next = await place.pieces();
    if (next === null) return 'over';
    if ('damaged' in next) return { damaged: `at byte ${next.at}: ${next.damaged}` };
    use(place, next);
  }
  return null;
}

function use(place: Place, next: Exclude<Unpacked, Broken> & { readonly at: number }): void {
  const { buffer, byteOffset, byteLength } = next.bytes;
  place.piece = { at: next.at, bytes: Buffer.from(buffer, byteOffset, byteLength), digests: new Map(next.digests) };
  place.offset = 0;
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}
