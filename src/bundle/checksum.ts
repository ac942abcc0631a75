import { createHash } from 'node:crypto';
import { manifestEntry } from './entry-name.js';

/** In hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What `sha256sum bundle.json` prints: flipped bits in a frame may well decode, and the manifest is what all else is checked by. */
export function manifestSum(manifest: Uint8Array): Buffer {
  return Buffer.from(`${sha256(manifest)}  ${manifestEntry}\n`);
}
