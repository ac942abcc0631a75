/**
 * The last second an INTERNALDATE can say: 31 December 9999 (RFC 3501: four digits for the year). Seconds since 1970.
 */
const receivedSMax = 253_402_300_799;

/**
 * A received date from a file's mtime in milliseconds: whole seconds, rounded down as Dovecot does, within what can be
 * said.
 */
export function receivedSOf(mtimeMs: number): number {
  return Math.min(Math.max(Math.floor(mtimeMs / 1000), 0), receivedSMax);
}

/** Is it a received date that a bundle may carry: whole seconds since 1970, from 0 to `receivedSMax`, inclusive? */
export function isReceivedS(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= receivedSMax;
}
