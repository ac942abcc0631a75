import type { HostId } from './host-id.js';

/** Who set a register, and when by the mailbox's logical clock. */
export type Stamp = { readonly modseq: number; readonly host: HostId };

/** One flag or keyword that was ever touched (or a mailbox's existence or subscription). Untouched means off. */
export type FlagRegister = Stamp & { readonly on: boolean };

/** The UID of an instance; `round` counts how often it was renumbered. */
export type UidRegister = Stamp & { readonly uidValidity: number; readonly uid: number; readonly round: number };

/**
 * The UIDVALIDITY of a mailbox. More resets wins; among equals the lower number wins (merge.md, "State of a mailbox").
 * `null` in a state means that no UID was ever given out.
 */
export type Validity = { readonly resets: number; readonly uidValidity: number };

export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.modseq !== b.modseq) return a.modseq - b.modseq;
  if (a.host === b.host) return 0;
  return a.host < b.host ? -1 : 1;
}

/** The register that wins when two hosts set one flag: the higher (modseq, host). */
export function laterRegister<R extends Stamp>(a: R, b: R): R {
  return compareStamps(a, b) >= 0 ? a : b;
}

/** The validity that wins; null loses against anything. */
export function winningValidity(a: Validity | null, b: Validity | null): Validity | null {
  if (a === null || b === null) return a ?? b;
  if (a.resets !== b.resets) return a.resets > b.resets ? a : b;
  return a.uidValidity <= b.uidValidity ? a : b;
}
