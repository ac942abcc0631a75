import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What V8 made of a program, as it was kept after an earlier run. */
export type CompiledCode = {
  readonly code: Buffer;
  /** Bytes of compiled code that V8 held, in all, at the end of the run that kept it. */
  readonly heldBytes: number;
};

/** A file begins with the SHA-256 of what follows: 32 bytes for the program's identity, 8 for `heldBytes`, the code. */
const hashBytes = 32;
const headBytes = hashBytes + hashBytes + 8;

/**
 * The hash of everything that compiled code depends on and V8 does not compare itself: it looks at a source's length
 * only.
 */
export function identityOf(source: string): Buffer {
  return createHash('sha256').update(source).digest();
}

/**
 * Reads what was kept for this very source. Null where there is nothing, where it is of another source or damaged, or
 * where the file may be somebody else's: whoever writes it decides what runs here. Throws where it cannot be read.
 */
export function readCompiledCode(path: string, identity: Buffer): CompiledCode | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.uid !== process.geteuid?.() || (stats.mode & 0o022) !== 0) return null;
    const bytes = readFileSync(fd);
    if (bytes.length < headBytes || !bytes.subarray(hashBytes, 2 * hashBytes).equals(identity)) return null;
    const rest = bytes.subarray(hashBytes);
    if (!createHash('sha256').update(rest).digest().equals(bytes.subarray(0, hashBytes))) return null;
    return { code: bytes.subarray(headBytes), heldBytes: bytes.readDoubleBE(2 * hashBytes) };
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts it in the place of what is there, for its owner alone. Not durable: what a power cut leaves of it is found out.
 */
export function writeCompiledCode(path: string, identity: Buffer, { code, heldBytes }: CompiledCode): void {
  const head = Buffer.alloc(8);
  head.writeDoubleBE(heldBytes);
  const rest = Buffer.concat([identity, head, code]);
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    writeFileSync(temporary, Buffer.concat([createHash('sha256').update(rest).digest(), rest]), {
      mode: 0o600,
      flag: 'wx',
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
