import { createHash, type Hash } from 'node:crypto';
import type { Guid } from './text-guid.js';
import type { TextId } from './text-guid-and-second-digest.js';

/** A line that a program which fetches mail writes into each copy that it makes, to find it again. */
type StampedLine = {
  readonly program: string;
  /** The whole line, without its end. */
  readonly shape: RegExp;
};

/**
 * The lines that a text's second digest leaves out (mrepl-bundle(5), "STAMPED LINES"). The list is closed: hosts that
 * differ in it would not agree on which mail is the same.
 *
 * mbsync takes any line that begins with `X-TUID: ` for its own, and writes 12 digits of base64 into it; it wrote 8
 * before 2006, and an older program 16 hexadecimal ones. OfflineIMAP writes a checksum and a number; before 6.3.4 the
 * time and its version, with names in hexadecimal digits, and before that these in the name of the field.
 */
const stampedLines: readonly StampedLine[] = [
  { program: 'mbsync', shape: /^X-TUID: [A-Za-z0-9+/]{8,16}$/ },
  { program: 'offlineimap', shape: /^X-OfflineIMAP: \d{1,12}-\d{1,24}(?:-v[\w.+~-]{1,32})?$/ },
  {
    program: 'offlineimap',
    shape: /^X-OfflineIMAP: x?\d{1,12}-[\da-f]{1,200}-[\da-f]{1,400}-\d{1,12}-\d{1,24}(?:e-\d{1,3})?-v[\w.+~-]{1,32}$/,
  },
  {
    program: 'offlineimap',
    shape: /^X-OfflineIMAP-x?\d{1,12}-[\da-f]{1,200}-[\da-f]{1,400}: \d{1,12}-\d{1,24}(?:e-\d{1,3})?-v[\w.+~-]{1,32}$/,
  },
];

/** Bytes of a line of any of these shapes, without its end, are never more. Inclusive. */
const lineBytesMax = 768;

/**
 * They are looked for in the first MiB of a text: a header is not larger, and what has none must not be held in memory
 * for that. In bytes; a line that ends behind it counts no more.
 */
const lookedAtBytes = 1 << 20;

const LF = 0x0a;
const blanks: readonly (number | undefined)[] = [0x20, 0x09];
const emptyLine = Buffer.from('\n\n');
const beginnings = ['X-TUID: ', 'X-OfflineIMAP'].map((text) => Buffer.from(text));

/** Digests a canonical text that comes in pieces. A piece may be memory that is used again. */
type TextDigest = { push(piece: Uint8Array): void; end(): TextId };

/**
 * The guid of a canonical text and, where stamped lines are in its header, its digest without them. A line is one only
 * if it stands in the header, which ends at the first empty line, has one of the shapes, ends with LF, and is not
 * followed by one that continues it (RFC 5322, section 2.2.3).
 */
export function startTextDigest(): TextDigest {
  const whole = createHash('sha256');
  let bare: Hash | null = null; // as `whole`, without stamped lines; from the first one on
  let pending: Buffer | null = Buffer.alloc(0); // what came, until it holds the whole header; then null
  const take = (bytes: Uint8Array): void => {
    whole.update(bytes);
    bare?.update(bytes);
  };
  const takeBeginning = (bytes: Buffer, headerBytes: number): void => {
    pending = null;
    let from = 0;
    for (const [start, end] of stampedIn(bytes, headerBytes)) {
      take(bytes.subarray(from, start));
      bare ??= whole.copy();
      whole.update(bytes.subarray(start, end));
      from = end;
    }
    take(bytes.subarray(from));
  };
  return {
    push(piece) {
      if (pending === null) return take(piece);
      const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      const bytes: Buffer = pending.length === 0 ? view : Buffer.concat([pending, view]);
      const headerBytes = headerBytesOf(bytes);
      if (headerBytes !== null) takeBeginning(bytes, headerBytes);
      else if (bytes.length > lookedAtBytes) takeBeginning(bytes, lookedAtBytes);
      else pending = Buffer.from(bytes);
    },
    end() {
      if (pending !== null) takeBeginning(pending, pending.length);
      const guid = whole.digest('hex');
      return bare === null ? { guid } : { guid, same: bare.digest('hex') };
    },
  };
}

/** Both digests of a canonical text that is at hand. */
export function textIdOfCanonical(text: Uint8Array): TextId {
  const digest = startTextDigest();
  digest.push(text);
  return digest.end();
}

/** The same where its guid is known already: what has no stamped line is not hashed for that. */
export function textIdKnowing(guid: Guid, text: Uint8Array): TextId {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const [stamped] = stampedIn(bytes, headerBytesOf(bytes) ?? Math.min(bytes.length, lookedAtBytes));
  return stamped === undefined ? { guid } : { ...textIdOfCanonical(text), guid };
}

/** Up to the empty line, without it, and no more than is looked at; null where that has not come yet. */
function headerBytesOf(bytes: Buffer): number | null {
  if (bytes[0] === LF) return 0;
  const last = bytes.subarray(0, lookedAtBytes + 1).indexOf(emptyLine);
  return last < 0 ? null : last + 1;
}

/** Where stamped lines begin and end, their LF included. */
function* stampedIn(bytes: Buffer, headerBytes: number): Generator<readonly [number, number]> {
  const header = bytes.subarray(0, headerBytes);
  if (!beginnings.some((beginning) => header.includes(beginning))) return;
  for (let start = 0; start < header.length; ) {
    const end = header.indexOf(LF, start);
    if (end < 0) return;
    if (isStamped(header.subarray(start, end)) && !blanks.includes(bytes[end + 1])) yield [start, end + 1];
    start = end + 1;
  }
}

function isStamped(line: Buffer): boolean {
  if (
    line.length > lineBytesMax ||
    !beginnings.some((beginning) => line.subarray(0, beginning.length).equals(beginning))
  )
    return false;
  const text = line.toString('latin1');
  return stampedLines.some(({ shape }) => shape.test(text));
}
