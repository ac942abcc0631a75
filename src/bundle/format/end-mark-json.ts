import { endBytesMax } from './bundle-limits.js';
import { malformed, parseObject, readingOf, toCounter } from './parse-json-value.js';

/** `end.json`: what was written. Where it is missing, the bundle was cut off. */
type EndMark = { readonly mailboxes: number; readonly texts: number; readonly textBytes: number };

/** The content of `end.json`, as mrepl-bundle(5), "END", has it. */
export function encodeEndMark({ mailboxes, texts, textBytes }: EndMark): Buffer {
  return Buffer.from(`${JSON.stringify({ mailboxes, texts, bytes: textBytes })}\n`);
}

/** Throws `bundle-not-understood`. */
export function decodeEndMark(bytes: Uint8Array): EndMark {
  return readingOf('end.json', () => {
    if (bytes.length > endBytesMax) throw malformed(`it is larger than ${endBytesMax} bytes`);
    const { mailboxes, texts, bytes: textBytes } = parseObject(bytes);
    return {
      mailboxes: toCounter(mailboxes, '"mailboxes"'),
      texts: toCounter(texts, '"texts"'),
      textBytes: toCounter(textBytes, '"bytes"'),
    };
  });
}
