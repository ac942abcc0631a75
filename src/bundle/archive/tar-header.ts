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

/**
 * The header of a plain file in the ustar format (POSIX.1-1988): mode 0600, owner, group and time zero, no names. So a
 * name and a size allow exactly one header, and a reader compares instead of interpreting: links, devices, pax and GNU
 * extensions are all just not it.
 */
export function entryHeader(name: string, sizeBytes: number): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  block.write(name, 0, nameBytesMax, 'latin1');
  block.write('000600 \0', 100, 'latin1'); // mode
  block.write('000000 \0', 108, 'latin1'); // owner
  block.write('000000 \0', 116, 'latin1'); // group
  block.write(`${sizeBytes.toString(8).padStart(11, '0')} `, 124, 'latin1');
  block.write('00000000000 ', 136, 'latin1'); // time
  block.write('0', 156, 'latin1'); // type: a plain file
  block.write('ustar\x0000', 257, 'latin1');
  block.write('000000 \0', 329, 'latin1'); // device, major
  block.write('000000 \0', 337, 'latin1'); // device, minor
  let sum = 8 * 0x20; // the checksum itself counts as blanks
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')} \0`, 148, 'latin1');
  return block;
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
