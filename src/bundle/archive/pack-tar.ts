import { entryBytes, tarEndBytes } from './tar-header.js';

export type PackedEntry = { readonly name: string; readonly content: Buffer };

/**
 * The tar bytes of some plain files, with the end of the archive behind them if `ends`, in memory from `take`. Equal
 * files give equal bytes.
 */
export async function packEntries(
  entries: readonly PackedEntry[],
  { ends, take }: { readonly ends: boolean; readonly take: (bytes: number) => Buffer },
): Promise<Buffer> {
  const { default: tar } = await import('tar-stream'); // most runs write nothing
  const pack = tar.pack();
  for (const { name, content } of entries) {
    pack.entry({ name, size: content.length, mode: 0o600, uid: 0, gid: 0, mtime: new Date(0), type: 'file' }, content);
  }
  pack.finalize();
  const bytes = take(entries.reduce((sum, { content }) => sum + entryBytes(content.length), tarEndBytes));
  let length = 0;
  for await (const piece of pack) length += (piece as Buffer).copy(bytes, length);
  return bytes.subarray(0, ends ? length : length - tarEndBytes);
}
