import { createHmac } from 'node:crypto';
import { deriveKey } from './chacha20-poly1305.js';
import { decodeBase64, encodeBase64 } from './unpadded-base64.js';

// C2SP age.md, section "Header".

export const ageVersionPrefix = 'age-encryption.org/';
export const ageVersion = 'v1';

/** Bytes of a header, inclusive. The format has no bound, and nothing of it is authenticated before its end. */
export const ageHeaderBytesMax = 64 << 10;

/**
 * Stanzas of a header, so recipients of a file; inclusive. That many for X25519 take 50 kB of header, and a tenth of a
 * second of a reader that tries them all.
 */
export const ageStanzasMax = 512;

/** One recipient's copy of the file key; the first argument names the kind. Those of unknown kinds are skipped. */
export type AgeStanza = { readonly args: readonly [string, ...string[]]; readonly body: Uint8Array };

/** `covered` is what `mac` is of. Nothing here is to be believed before `ageHeaderMac` has given the same. */
export type AgeHeader = {
  readonly stanzas: readonly AgeStanza[];
  readonly covered: Uint8Array;
  readonly mac: Uint8Array;
};

const columns = 64;
const endMark = '---';
const macBytes = 32;

/** Bytes of the last line with the line feeds on both sides: the mark, a blank, the 43 digits of the MAC. */
const endLineBytes = 1 + 3 + 1 + 43 + 1;

const versionLine = `${ageVersionPrefix}${ageVersion}\n`;
const stanzaPattern = /-> ([\x21-\x7e]+)((?: [\x21-\x7e]+)*)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})\n/gy;
const endPattern = /^--- ([A-Za-z0-9+/]+)\n$/;

/**
 * The header of an age file with its stanzas and its MAC, which the file key authenticates (age-encryption.org/v1,
 * "Header").
 */
export function encodeAgeHeader(stanzas: readonly AgeStanza[], fileKey: Uint8Array): Buffer {
  const lines = stanzas.flatMap(({ args, body }) => [`-> ${args.join(' ')}`, ...wrap(encodeBase64(body))]);
  const covered = Buffer.from(`${versionLine}${lines.map((line) => `${line}\n`).join('')}${endMark}`);
  return Buffer.concat([covered, Buffer.from(` ${encodeBase64(ageHeaderMac(covered, fileKey))}\n`)]);
}

/** HMAC-SHA-256 of the header up to and including the `---` (section "Header MAC"). */
export function ageHeaderMac(covered: Uint8Array, fileKey: Uint8Array): Buffer {
  return createHmac('sha256', deriveKey(fileKey, new Uint8Array(), 'header'))
    .update(covered)
    .digest();
}

/**
 * Where the header ends: with the first line that begins with `---`, as no other can, and whose length is fixed. Null
 * where it does not end within the bytes; the first `searchedBytes` of them were searched already, in vain.
 */
export function findAgeHeaderEnd(bytes: Buffer, searchedBytes: number): number | null {
  const mark = bytes.indexOf(`\n${endMark}`, Math.max(0, searchedBytes - endLineBytes));
  const end = mark + endLineBytes;
  return mark < 0 || end > bytes.length ? null : end;
}

/** Reads the bytes up to `findAgeHeaderEnd`, by the grammar of the section "ABNF definition of file header". */
export function parseAgeHeader(bytes: Buffer): AgeHeader | { readonly refused: string } {
  const text = bytes.toString('latin1');
  if (!text.startsWith(versionLine)) return { refused: 'its first line is not that of an age file' };
  const found: AgeStanza[] = [];
  let end = versionLine.length;
  for (const [whole, kind = '', args = '', lines = ''] of text.slice(end).matchAll(stanzaPattern)) {
    const body = decodeBase64(lines.replaceAll('\n', ''));
    if (body === null) break;
    if (found.length === ageStanzasMax) return { refused: `its header has more than ${ageStanzasMax} stanzas` };
    found.push({ args: [kind, ...args.split(' ').slice(1)], body });
    end += whole.length;
  }
  if (!text.startsWith(endMark, end)) return { refused: `stanza ${found.length + 1} of its header is malformed` };
  const mac = decodeBase64(endPattern.exec(text.slice(end))?.[1] ?? '');
  if (mac?.length !== macBytes) return { refused: 'the last line of its header is malformed' };
  if (found.length === 0) return { refused: 'its header has no stanzas' };
  return { stanzas: found, covered: bytes.subarray(0, end + endMark.length), mac };
}

/** Full lines, and a last one that is shorter or empty. */
function wrap(text: string): string[] {
  const count = Math.floor(text.length / columns) + 1;
  return Array.from({ length: count }, (_, index) => text.slice(index * columns, (index + 1) * columns));
}
