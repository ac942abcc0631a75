/**
 * The part of zstd-codec 0.1.5 below its own classes: these keep all that they unpack, while this hands it on piece by
 * piece.
 */
declare module 'zstd-codec/lib/module.js' {
  export type DecompressStream = {
    begin(): boolean;
    /**
     * False where it cannot be unpacked. A piece is memory of the decoder, until `take` returns. Throws where its heap
     * is too small.
     */
    transform(bytes: Uint8Array, take: (piece: Uint8Array) => void): boolean;
    end(take: (piece: Uint8Array) => void): boolean;
    delete(): void;
  };
  export type Binding = { readonly ZstdDecompressStreamBinding: new () => DecompressStream };
  /** `ready` may be called later. */
  export function run(ready: (binding: Binding) => void): void;
}
