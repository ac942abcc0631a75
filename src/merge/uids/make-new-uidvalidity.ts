import type { Validity } from '../../replica/last-writer-registers.js';
import { uidMax } from '../../replica/replica-limits.js';
import type { Ledger } from '../../replica/uid-ledger.js';

/**
 * No UIDVALIDITY is made from before 2023 (in seconds since 1970; inclusive), the year of the oldest Node that runs
 * this program. The lower one wins everywhere: one that a machine without a battery makes in "1970" would make every
 * client of every host load everything anew.
 */
export const plausibleFromS = Date.UTC(2023, 0, 1) / 1000;

/**
 * The last time of day that is taken for a UIDVALIDITY, inclusive: above it is room for those that have to be higher
 * than one from then.
 */
const plausibleToS = uidMax - 2 ** 24;

/**
 * Where the UIDVALIDITYs lie that are made while the clock cannot be right: in the autumn of 2033, so that they lose
 * against every one that was made by a right clock before, and below 2^31, as some mail programs keep them in a signed
 * number. A power of two apart, so that two made at different times are seldom the same.
 */
const doubtfulFrom = 2 ** 31 - 2 ** 27;
const doubtfulSpan = 2 ** 27;

/** Can it be this late, in seconds since 1970? */
export function isPlausibleTime(nowS: number): boolean {
  return nowS >= plausibleFromS && nowS <= plausibleToS;
}

/**
 * The UIDVALIDITY of a mailbox that never had one and needs one now: the time of day, as servers do it, where that can
 * be right.
 */
export function freshValidity(nowS: number): number {
  return isPlausibleTime(nowS) ? nowS : doubtfulFrom + (Math.abs(Math.floor(nowS)) % doubtfulSpan);
}

/** A UIDVALIDITY under which nobody ever gave out a UID, higher than all others while 32 bits allow it. */
export function unusedValidity(ledger: Ledger, validity: Validity): number {
  const used = new Set([validity.uidValidity]);
  for (const { uidValidity } of ledger.claims) used.add(uidValidity);
  let number = plausibleFromS;
  for (const each of used) if (each >= number) number = each + 1;
  if (number > uidMax) for (number = plausibleFromS; used.has(number); number++);
  return number;
}
