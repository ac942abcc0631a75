/** A header is looked at no further than this, in bytes, inclusive: thousands of received lines do not fill it. */
export const headerBytesMax = 64 << 10;

/**
 * The subject of a message whose text begins with `beginning`, decoded for people (RFC 2047); null where it has none,
 * or none within that. What cannot be decoded stays as it is. It may hold anything.
 */
export function subjectOf(beginning: Uint8Array): string | null {
  return fieldOf(beginning, /^subject:(.*(?:\r?\n[ \t].*)*)/im);
}

/** The same of whom it says that it is from. */
export function senderOf(beginning: Uint8Array): string | null {
  return fieldOf(beginning, /^from:(.*(?:\r?\n[ \t].*)*)/im);
}

function fieldOf(beginning: Uint8Array, pattern: RegExp): string | null {
  const [header = ''] = Buffer.from(beginning)
    .toString('latin1')
    .split(/\r?\n\r?\n/, 1);
  const field = pattern.exec(header)?.[1];
  if (field === undefined) return null;
  const unfolded = field.replace(/\r?\n/g, '').trim();
  // Raw bytes beyond ASCII are UTF-8 these days (RFC 6532), where they are any text at all.
  return decodeWords(textOf(Buffer.from(unfolded, 'latin1'), 'utf-8') ?? unfolded);
}

function decodeWords(text: string): string {
  const word = /=\?([\w-]+)(?:\*[\w-]+)?\?([bq])\?([^? ]*)\?=/gi;
  // Blanks between two encoded words are not part of the text.
  return text.replace(/\?=\s+(?==\?)/g, '?=').replace(word, (whole, charset: string, coding: string, coded: string) => {
    const bytes = coding.toLowerCase() === 'b' ? Buffer.from(coded, 'base64') : fromQuoted(coded);
    return textOf(bytes, charset) ?? whole;
  });
}

function fromQuoted(coded: string): Buffer {
  const bytes = coded
    .replaceAll('_', ' ')
    .replace(/=([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1');
}

/** Null where the charset is not known here, or the bytes are none of its text. */
function textOf(bytes: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
