/**
 * A mailbox name part in IMAP's modified UTF-7 (RFC 3501, section 5.1.3): printable ASCII as it is, `&` as `&-`, all
 * else as base64 of UTF-16 with `,` for `/`.
 */
export function encodeModifiedUtf7(text: string): string {
  return text.replace(/&|[^\x20-\x7e]+/g, (run) => {
    if (run === '&') return '&-';
    const units = Buffer.from(run, 'utf16le').swap16();
    return `&${units.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`;
  });
}

/**
 * The inverse. Undefined for whatever the encoder would not have written: two spellings of one name are one too many.
 */
export function decodeModifiedUtf7(coded: string): string | undefined {
  let broken = false;
  const text = coded.replace(/&([^-]*)(-?)/g, (_all, base64: string, end: string) => {
    if (end === '') broken = true;
    if (base64 === '') return '&';
    const units = Buffer.from(base64.replaceAll(',', '/'), 'base64');
    if (units.length % 2 !== 0) {
      broken = true;
      return '';
    }
    return units.swap16().toString('utf16le');
  });
  return broken || encodeModifiedUtf7(text) !== coded ? undefined : text;
}
