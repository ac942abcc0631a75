import { setImmediate } from 'node:timers/promises';

/**
 * Lets a signal come through that arrived while something was read or written in one piece, and stops there if one did:
 * throws its reason. Stands between one mailbox and the next, and before anything is written where others read it.
 */
export async function heedInterruption({ signal }: { readonly signal: AbortSignal }): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
