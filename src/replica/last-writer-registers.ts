import type { HostId } from './host-id.js';

/** Who set a register, and when by the mailbox's logical clock. */
export type Stamp = { readonly modseq: number; readonly host: HostId };

/** One flag or keyword that was ever touched (or a mailbox's existence or subscription). Untouched means off. */
export type FlagRegister = Stamp & { readonly on: boolean };

/** The UID of an instance; `round` counts how often it was renumbered. */
export type UidRegister = Stamp & { readonly uidValidity: number; readonly uid: number; readonly round: number };

/**
 * The UIDVALIDITY of a mailbox. More resets wins; among equals one in which a UID was given out, which clients may
 * know; among equals the lower number (mrepl-sync(7), "UIDVALIDITY"). `null` in a state: nobody has named one yet, and
 * its messages have no UIDs.
 */
export type Validity = { readonly resets: number; readonly uidValidity: number };

/** The order of stamps: by modseq, and of one modseq by host id, byte by byte. Positive where `a` is the later. */
export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.modseq !== b.modseq) return a.modseq - b.modseq;
  if (a.host === b.host) return 0;
  return a.host < b.host ? -1 : 1;
}

/** The register that wins when two hosts set one flag: the higher (modseq, host). */
export function laterRegister<R extends Stamp>(a: R, b: R): R {
  return compareStamps(a, b) >= 0 ? a : b;
}

/** A UIDVALIDITY, and how far it went: a UIDNEXT of 1 says that it never gave out a UID. */
export type Numbering = { readonly validity: Validity | null; readonly uidNext: number };

/** The one whose validity wins, `a` where they are equal; null loses against anything. */
export function winningNumbering<A extends Numbering, B extends Numbering>(a: A, b: B): A | B {
  if (a.validity === null || b.validity === null) return b.validity === null ? a : b;
  if (a.validity.resets !== b.validity.resets) return a.validity.resets > b.validity.resets ? a : b;
  const isEqual = a.validity.uidValidity === b.validity.uidValidity;
  if (!isEqual && a.uidNext > 1 !== b.uidNext > 1) return a.uidNext > 1 ? a : b;
  return a.validity.uidValidity <= b.validity.uidValidity ? a : b;
}
