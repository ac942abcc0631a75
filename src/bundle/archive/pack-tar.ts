import { entryBytes, entryHeader, tarBlockBytes, tarEndBytes } from './tar-header.js';

export type PackedEntry = { readonly name: string; readonly content: Buffer };

/**
 * The tar bytes of some plain files, with the end of the archive behind them if `ends`, in memory from `take`. Equal
 * files give equal bytes.
 */
export function packEntries(
  entries: readonly PackedEntry[],
  { ends, take }: { readonly ends: boolean; readonly take: (bytes: number) => Buffer },
): Buffer {
  const length = entries.reduce((sum, { content }) => sum + entryBytes(content.length), ends ? tarEndBytes : 0);
  const bytes = take(length);
  let at = 0;
  for (const { name, content } of entries) {
    at += entryHeader(name, content.length).copy(bytes, at);
    at += content.copy(bytes, at);
    const blockEnd = Math.ceil(at / tarBlockBytes) * tarBlockBytes;
    bytes.fill(0, at, blockEnd);
    at = blockEnd;
  }
  bytes.fill(0, at);
  return bytes;
}
