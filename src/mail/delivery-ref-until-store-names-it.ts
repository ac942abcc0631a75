import type { Guid } from './text/text-guid.js';

/** Hex digits of a text's guid in a provisional ref: enough to tell the texts of one mailbox apart. */
const guidDigits = 16;

/**
 * What a delivery is called until the store that names it itself has done so: `+<16 hex digits of its text's
 * guid>.<n>`, with the lowest n that is free. No store of that kind has such a ref of its own.
 */
export function provisionalRef(guid: Guid, taken: { has(ref: string): boolean }): string {
  const stem = `+${guid.slice(0, guidDigits)}`;
  let n = 1;
  while (taken.has(`${stem}.${n}`)) n++;
  return `${stem}.${n}`;
}

/**
 * Is this what a delivery of this text is called as long as nobody knows its ref? Then it is recognised by its text.
 */
export function isProvisionalRef(ref: string, guid: Guid): boolean {
  return ref.startsWith(`+${guid.slice(0, guidDigits)}.`);
}
