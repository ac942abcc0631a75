const CR = 0x0d;
const LF = 0x0a;
const crlf = Buffer.from('\r\n');

/**
 * The canonical text of a message: CRLF folded to LF, nothing else. A CR before a CRLF keeps that CRLF as it is
 * (`\r\r\n` stays): only so is folding a folded text no change, and a text comes back from any store with the same
 * guid. Returns `text` itself where there is nothing to fold.
 */
export function canonicalText(text: Uint8Array): Uint8Array {
  const source = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let from = 0;
  let at = nextFold(source, 0);
  if (at < 0) return text;
  const result = Buffer.allocUnsafe(source.length);
  let length = 0;
  for (; at >= 0; at = nextFold(source, from + 1)) {
    length += source.copy(result, length, from, at);
    from = at + 1; // the LF goes with what follows
  }
  length += source.copy(result, length, from);
  return result.subarray(0, length);
}

/** Is it a text as `canonicalText` leaves it? */
export function isCanonical(text: Uint8Array): boolean {
  return nextFold(Buffer.from(text.buffer, text.byteOffset, text.byteLength), 0) < 0;
}

/** Where the next CR stands that folding takes away, or -1. */
function nextFold(text: Buffer, from: number): number {
  let at = text.indexOf(crlf, from);
  while (at > 0 && text[at - 1] === CR) at = text.indexOf(crlf, at + 2);
  return at;
}

/**
 * Folds a text that comes in pieces; the pieces put out, joined, are `canonicalText` of the pieces put in, joined. A
 * piece put out may be the memory of the one put in.
 */
type Fold = { push(piece: Uint8Array): Uint8Array; end(): Uint8Array };

/** A fold at the beginning of a text. */
export function startFold(): Fold {
  let heldBack = 0; // CRs at the end of what came so far: what follows decides on the last of them
  return {
    push(piece) {
      const joined =
        heldBack === 0
          ? Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
          : Buffer.concat([Buffer.alloc(heldBack, CR), piece]);
      heldBack = 0;
      while (heldBack < joined.length && joined[joined.length - 1 - heldBack] === CR) heldBack++;
      return canonicalText(joined.subarray(0, joined.length - heldBack));
    },
    end() {
      return Buffer.alloc(heldBack, CR);
    },
  };
}

/** The text with every line ending in CRLF, as some stores keep it: what `canonicalText` makes the canonical one of. */
export function wireText(text: Uint8Array): Uint8Array {
  const source = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const result = Buffer.allocUnsafe(wireSize(text));
  let length = 0;
  let from = 0;
  for (let at = source.indexOf(LF); at >= 0; at = source.indexOf(LF, at + 1)) {
    if (at > 0 && source[at - 1] === CR) continue;
    length += source.copy(result, length, from, at);
    length += crlf.copy(result, length);
    from = at + 1;
  }
  source.copy(result, length, from);
  return result;
}

/** Bytes of the text as IMAP sends it, every line ending in CRLF: what Maildir calls `W=` and RFC 3501 RFC822.SIZE. */
export function wireSize(text: Uint8Array): number {
  const source = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  let size = source.length;
  for (let at = source.indexOf(LF); at >= 0; at = source.indexOf(LF, at + 1)) {
    if (at === 0 || source[at - 1] !== CR) size++;
  }
  return size;
}
