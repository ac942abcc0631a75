import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** What V8 made of a program, as it was kept after earlier runs. */
export type CompiledCode = {
  /** Of the program, in hexadecimal digits. V8 itself compares no more of a source than its length. */
  readonly sha256: string;
  /** What of the program was used in those runs. */
  readonly parts: readonly string[];
  readonly code: Buffer;
};

/** A file is the SHA-256 of what follows, one line of JSON that says what the code is, and the code. */
const hashBytes = 32;

/** Of the file, inclusive: many times what V8 makes of the program. */
const fileBytesMax = 64 * 2 ** 20;

const newline = 0x0a;

/**
 * Reads what was kept for the program with this hash. Null where it is of another one or damaged, or where the file may
 * be somebody else's: whoever writes it decides what runs here. Throws where it cannot be read.
 */
export function readCompiledCode(path: string, sha256: string): CompiledCode | null {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.uid !== process.geteuid?.() || (stats.mode & 0o022) !== 0) return null;
    if (stats.size > fileBytesMax) return null;
    const bytes = readFileSync(fd);
    const rest = bytes.subarray(hashBytes);
    if (!createHash('sha256').update(rest).digest().equals(bytes.subarray(0, hashBytes))) return null;
    const end = rest.indexOf(newline);
    const said: Pick<CompiledCode, 'sha256' | 'parts'> = JSON.parse(rest.subarray(0, end).toString('utf8'));
    return said.sha256 === sha256 ? { ...said, code: rest.subarray(end + 1) } : null;
  } finally {
    closeSync(fd);
  }
}

/**
 * Puts it in the place of what is there, for its owner alone. Not durable: what a power cut leaves of it is found out.
 */
export function writeCompiledCode(path: string, { sha256, parts, code }: CompiledCode): void {
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify({ sha256, parts })}\n`), code]);
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const hash = createHash('sha256').update(rest).digest();
    writeFileSync(temporary, Buffer.concat([hash, rest]), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
