import type { Guid } from '../../mail/text/text-guid.js';

/**
 * One frame decoded. `digests`: guids of the texts that lie in it whole, by where they begin; [] where it does not
 * begin with an entry.
 */
export type Unpacked =
  | { readonly bytes: Uint8Array; readonly digests: readonly (readonly [at: number, guid: Guid])[] }
  | { readonly damaged: string };

/** Bytes that own their buffer, so that it can be handed to another thread. */
export function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) return new Uint8Array(buffer);
  return new Uint8Array(bytes);
}
