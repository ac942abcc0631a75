/**
 * What a message's file is like from outside, when its text was read: whether it was written to since shows without
 * reading it again.
 */
export type FileStamp = {
  /** Bytes as they are stored, which need not be those of the canonical text. */
  readonly sizeBytes: number;
  /** When its content was last modified, in nanoseconds since 1970. */
  readonly mtimeNs: bigint;
};

/**
 * As exactly as a time can be given back to a file: Node does it in seconds with a fraction, a double. Exclusive, in
 * nanoseconds.
 */
const toleranceNs = 1000n;

/**
 * Is it the same modification time? Whoever writes to a file changes that, unless he takes care not to; a disk that
 * spoils one does not.
 */
export function sameTime(a: FileStamp, b: FileStamp): boolean {
  const between = a.mtimeNs - b.mtimeNs;
  return between < toleranceNs && between > -toleranceNs;
}

/** Is it the file of which this was noted, and nobody has written to it since? See `sameTime` for what escapes that. */
export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.sizeBytes === b.sizeBytes && sameTime(a, b);
}

const nsPerS = 1_000_000_000n;

/** The whole second in which the content was modified, since 1970. */
export function secondOf({ mtimeNs }: FileStamp): number {
  const rest = ((mtimeNs % nsPerS) + nsPerS) % nsPerS;
  return Number((mtimeNs - rest) / nsPerS);
}
