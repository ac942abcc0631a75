/** A line of a header: a field, or the continuation of one; mbox's `From ` may be the first. RFC 5322, section 2.2. */
const headerLine = /^(?:[!-9;-~]+[ \t]*:|[ \t]|>?From )/;

/**
 * Is what stands before the first empty line of a canonical text a header, with nothing in it that no mail program
 * writes?
 */
export function hasSoundHeader(text: Uint8Array): boolean {
  const bytes = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const end = bytes.indexOf('\n\n');
  if (end < 0) return false;
  const header = bytes.toString('latin1', 0, end);
  return !header.includes('\0') && header.split('\n').every((line) => headerLine.test(line));
}
