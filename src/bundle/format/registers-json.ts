import { type Flag, type FlagSpelling, flagOf, isFlag, isFlagSpelling, isSystemFlag } from '../../mail/flags.js';
import type { FlagRegister, UidRegister, Validity } from '../../replica/last-writer-registers.js';
import { isUid } from '../../replica/replica-limits.js';
import { flagsMax } from './bundle-limits.js';
import { type HostTable, parseHost } from './host-table-json.js';
import { distinct, malformed, toBit, toCounter, toList, toTuple } from './parse-json-value.js';

const untouched: FlagRegister = { on: false, modseq: 0, host: '' };

/** `[on, modseq, host]`; null for a register that was never touched. */
export function switchJson({ on, modseq, host }: FlagRegister, hosts: HostTable): readonly number[] | null {
  return host === '' ? null : [on ? 1 : 0, modseq, hosts.indexOf(host)];
}

/**
 * `[on, modseq, host]`, or null for a register that nobody has set. `what` names the value in the failure
 * `bundle-not-understood`.
 */
export function parseSwitch(value: unknown, what: string, hosts: HostTable): FlagRegister {
  if (value === null) return untouched;
  const [on, modseq, host] = toTuple(value, what, 3);
  return { on: toBit(on, what), modseq: toCounter(modseq, 'a modseq'), host: parseHost(host, hosts) };
}

/** `[[flag, on, modseq, host], ...]`, by flag. */
export function flagsJson(flags: ReadonlyMap<Flag, FlagRegister>, hosts: HostTable): readonly unknown[] {
  return [...flags]
    .map(([flag, { on, modseq, host }]) => [flag, on ? 1 : 0, modseq, hosts.indexOf(host)] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** The inverse of `flagsJson`; the flags may be in any order, each once. Throws `bundle-not-understood`. */
export function parseFlags(value: unknown, hosts: HostTable): ReadonlyMap<Flag, FlagRegister> {
  const flags = new Map<Flag, FlagRegister>();
  for (const item of toList(value, '"f"', flagsMax)) {
    const [flag, on, modseq, host] = toTuple(item, 'a flag', 4);
    if (typeof flag !== 'string' || !isFlag(flag))
      throw malformed('a flag is neither a system flag nor a keyword in lower case');
    if (flags.has(flag)) throw malformed('a flag stands there twice');
    flags.set(flag, { on: toBit(on, 'a flag'), modseq: toCounter(modseq, 'a modseq'), host: parseHost(host, hosts) });
  }
  return flags;
}

/** Keywords that have a spelling of their own, each once whatever its case. */
export function parseSpelling(value: unknown): readonly FlagSpelling[] {
  const keywords = toList(value, '"spelling"', flagsMax).map((keyword) => {
    if (typeof keyword !== 'string' || isSystemFlag(keyword) || !isFlagSpelling(keyword))
      throw malformed('a spelling is not that of a keyword');
    return keyword;
  });
  distinct(keywords.map(flagOf), '"spelling"');
  return keywords;
}

/** `[uidvalidity, uid, round, modseq, host]` */
export function uidJson({ uidValidity, uid, round, modseq, host }: UidRegister, hosts: HostTable): readonly number[] {
  return [uidValidity, uid, round, modseq, hosts.indexOf(host)];
}

/** The register of a UID, `[uidvalidity, uid, round, modseq, host]`. Throws `bundle-not-understood`. */
export function parseUidRegister(value: unknown, hosts: HostTable): UidRegister {
  const [uidValidity, uid, round, modseq, host] = toTuple(value, '"u"', 5);
  return {
    uidValidity: toUid(uidValidity, 'a UIDVALIDITY'),
    uid: toUid(uid, 'a UID'),
    round: toCounter(round, 'a round'),
    modseq: toCounter(modseq, 'a modseq'),
    host: parseHost(host, hosts),
  };
}

/** `[resets, uidvalidity]`; null where no UID was ever given out. */
export function validityJson(validity: Validity | null): readonly number[] | null {
  return validity === null ? null : [validity.resets, validity.uidValidity];
}

/** `[resets, uidvalidity]`, or null for a mailbox without UIDs. Throws `bundle-not-understood`. */
export function parseValidity(value: unknown): Validity | null {
  if (value === null) return null;
  const [resets, uidValidity] = toTuple(value, '"v"', 2);
  return { resets: toCounter(resets, 'a number of resets'), uidValidity: toUid(uidValidity, 'a UIDVALIDITY') };
}

/** A UID or UIDVALIDITY: 1 to 2^32 - 1. */
export function toUid(value: unknown, what: string): number {
  if (typeof value !== 'number' || !isUid(value)) throw malformed(`${what} is not a number from 1 to 4294967295`);
  return value;
}
