import tar from 'tar-stream';

export type PackedEntry = { readonly name: string; readonly content: Buffer };

/** The tar bytes of some plain files, with the end of the archive behind them if `ends`. Equal files give equal bytes. */
export async function packEntries(entries: readonly PackedEntry[], ends: boolean): Promise<Buffer> {
  const pack = tar.pack();
  for (const { name, content } of entries) {
    pack.entry({ name, size: content.length, mode: 0o600, uid: 0, gid: 0, mtime: new Date(0), type: 'file' }, content);
  }
  pack.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of pack) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  return ends ? bytes : bytes.subarray(0, -1024);
}
