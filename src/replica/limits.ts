/**
 * The highest UID and UIDVALIDITY there can be (RFC 9051, section 9: 32 bit, not zero). Inclusive.
 */
export const uidMax = 0xffff_ffff;

/**
 * A UIDNEXT or claim above this is not believed from a peer, and a mailbox that would grow beyond it gets a new UIDVALIDITY
 * instead: the rest is room for renumbering. Inclusive; a mailbox of a million messages could be renumbered four
 * thousand times to get here.
 */
export const uidNextMax = uidMax - 2 ** 24;

/**
 * How far a peer's modseqs, serials and resets may be ahead of everything seen so far. Inclusive. A trillion changes
 * in one mailbox between two exchanges do not happen; a counter that leaps so far is damage or malice, and
 * believing it would use up the numbers of everybody.
 */
export const counterLeapMax = 2 ** 40;

/** Is `n` a whole number from 0 that is represented exactly? */
export function isCounter(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

/** Is `n` a UID or a UIDVALIDITY? */
export function isUid(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1 && n <= uidMax;
}
