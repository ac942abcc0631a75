/** Everything in a tar file comes in blocks of this many bytes. */
export const tarBlockBytes = 512;

/** Two blocks of zeros end the archive. */
export const tarEndBytes = 2 * tarBlockBytes;

/** The longest entry name, so that no extension is needed; ASCII. */
const nameBytesMax = 100;

/** Bytes an entry takes in the archive: header, content, padding. */
export function entryBytes(sizeBytes: number): number {
  return tarBlockBytes + paddedBytes(sizeBytes);
}

/** Content with the zeros that fill its last block. */
export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / tarBlockBytes) * tarBlockBytes;
}

/** What all headers have in common, and the sum of its bytes; the checksum itself counts as blanks. */
const common = Buffer.alloc(tarBlockBytes);
common.write('000600 \0', 100, 'latin1'); // mode
common.write('000000 \0', 108, 'latin1'); // owner
common.write('000000 \0', 116, 'latin1'); // group
common.write(' ', 135, 'latin1'); // behind the size
common.write('00000000000 ', 136, 'latin1'); // time
common.fill(' ', 148, 156); // checksum
common.write('0', 156, 'latin1'); // type: a plain file
common.write('ustar\x0000', 257, 'latin1');
common.write('000000 \0', 329, 'latin1'); // device, major
common.write('000000 \0', 337, 'latin1'); // device, minor
const commonSum = sumOf(common, 0, tarBlockBytes);

/**
 * The header of a plain file in the ustar format (POSIX.1-1988): mode 0600, owner, group and time zero, no names. So a
 * name and a size allow exactly one header, and a reader compares instead of interpreting: links, devices, pax and GNU
 * extensions are all just not it.
 */
export function entryHeader(name: string, sizeBytes: number): Buffer {
  const block = Buffer.from(common);
  const nameBytes = block.write(name, 0, nameBytesMax, 'latin1');
  block.write(sizeBytes.toString(8).padStart(11, '0'), 124, 11, 'latin1');
  const sum = commonSum + sumOf(block, 0, nameBytes) + sumOf(block, 124, 135);
  block.write(`${sum.toString(8).padStart(6, '0')} \0`, 148, 'latin1');
  return block;
}

function sumOf(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at++) sum += bytes[at] ?? 0;
  return sum;
}

export type TarEntry = { readonly name: string; readonly sizeBytes: number };

/** The entry whose header this block is; null where it is not byte for byte the header of any. */
export function parseEntryHeader(block: Buffer): TarEntry | null {
  if (block.length < tarBlockBytes || block[0] === 0) return null;
  const end = block.indexOf(0);
  const name = block.toString('latin1', 0, end < 0 || end > nameBytesMax ? nameBytesMax : end);
  const size = block.toString('latin1', 124, 135);
  if (!/^[0-7]{11}$/.test(size)) return null;
  const sizeBytes = Number.parseInt(size, 8);
  return entryHeader(name, sizeBytes).equals(block.subarray(0, tarBlockBytes)) ? { name, sizeBytes } : null;
}
