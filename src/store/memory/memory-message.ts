import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { Flag } from '../../mail/flags.js';
import { unpacked } from '../../mail/packed/unpack.js';
import { isUntaken } from '../../mail/packed/unreadable-file-reasons.js';
import { canonicalText } from '../../mail/text/canonical-text.js';

/** A message of a store in memory. */
export type MemoryMessage = {
  readonly ref: string;
  uid: number;
  flags: ReadonlySet<Flag>;
  readonly text: Uint8Array;
  readonly receivedS: number;
  readonly hint: string;
  /** When it was written, if not at its date. Seconds since 1970. */
  readonly writtenS?: number;
};

/** What a message would be like if it lay in a file. */
export function stampOf({ text, receivedS, writtenS = receivedS }: MemoryMessage): FileStamp {
  return { sizeBytes: text.length, mtimeNs: BigInt(writtenS) * 1_000_000_000n };
}

/** The canonical text of what is kept; null where nothing is, or it is packed and cannot be unpacked. */
export async function plainText(bytes: Uint8Array | null | undefined): Promise<Uint8Array | null> {
  const plain = bytes === undefined || bytes === null ? null : await unpacked(bytes);
  return plain === null || isUntaken(plain) ? null : canonicalText(plain);
}
