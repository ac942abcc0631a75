/**
 * What a message file may be packed in, as its beginning tells; what Dovecot's zlib, mail_compress and mail_crypt
 * plugins write or read, and what the programs of those names write. gzip and zstd are read here, the others are not.
 */
export type Container = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'lz4' | 'mail_crypt';

type ReadableContainer = Extract<Container, 'gzip' | 'zstd'>;

/** Bytes of a beginning that `containerOf` looks at. Inclusive: Dovecot's lz4 has the longest mark. */
export const markBytesMax = 15;

const lz4Mark = Buffer.from('Dovecot-LZ4\x0d\x2a\x9b\xc5', 'latin1');

/** By what each begins with; more than one mark is tried for some. */
const marks: readonly (readonly [Container, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])], // RFC 1952, section 2.3.1
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])], // RFC 8878, section 3.1.1
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['lz4', lz4Mark], // Dovecot's own wrapping of lz4 blocks
  ['lz4', Buffer.from([0x04, 0x22, 0x4d, 0x18])], // what the program lz4 writes
  ['mail_crypt', Buffer.from('CRYPTED\x03\x07', 'latin1')],
];

const bzip2Mark = Buffer.from('BZh');

/**
 * The container that content begins like; null where it is plain. Whoever keeps such a text as it is would have it
 * unpacked by a Dovecot with those plugins, or refused: there is no way to keep a message that really begins so.
 */
export function containerOf(beginning: Uint8Array): Container | null {
  const first = beginning[0];
  // Most mail begins with a letter that no mark begins with: one look is enough.
  if (first === undefined || !firstBytes.has(first)) return null;
  for (const [container, mark] of marks) if (startsWith(beginning, mark)) return container;
  return isBzip2(beginning) ? 'bzip2' : null;
}

const firstBytes: ReadonlySet<number | undefined> = new Set([...marks.map(([, mark]) => mark[0]), bzip2Mark[0]]);

/**
 * Can mrepl unpack it by itself? Encrypted messages, and other ways of compressing them, are left to the mail server.
 */
export function isReadable(container: Container): container is ReadableContainer {
  return container === 'gzip' || container === 'zstd';
}

/** The mark and the digit of its block size: as little is enough for Dovecot. */
function isBzip2(beginning: Uint8Array): boolean {
  const level = beginning[bzip2Mark.length] ?? 0;
  return startsWith(beginning, bzip2Mark) && level >= 0x31 && level <= 0x39;
}

function startsWith(bytes: Uint8Array, mark: Buffer): boolean {
  return bytes.length >= mark.length && mark.every((byte, index) => bytes[index] === byte);
}
