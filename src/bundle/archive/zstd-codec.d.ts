/** The part of zstd-codec 0.1.5 that is used; the package has no types of its own. */
declare module 'zstd-codec' {
  export type SimpleCodec = {
    /** Null where it fails. */
    compress(content: Uint8Array, level: number): Uint8Array | null;
    /** Null where it fails. */
    decompress(frame: Uint8Array): Uint8Array | null;
  };
  export const ZstdCodec: { run(ready: (zstd: { readonly Simple: new () => SimpleCodec }) => void): void };
}
