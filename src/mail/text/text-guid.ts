import { createHash } from 'node:crypto';

/**
 * The "global UID" of the proposal of 2008 (mrepl-sync(7), SEE ALSO): SHA-256 of the canonical text (CRLF folded to
 * LF), 64 lower-case hex digits. Copies of a text share it; a text travels and is stored once however many instances
 * have it.
 */
export type Guid = string;

export const guidPattern = /^[0-9a-f]{64}$/;

/** The guid of a text that is canonical already. */
export function guidOfCanonical(text: Uint8Array): Guid {
  return createHash('sha256').update(text).digest('hex');
}
