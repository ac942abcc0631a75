import { type Flag, isSystemFlag } from '../mail/flags.js';
import {
  compareStamps,
  type FlagRegister,
  laterRegister,
  type Stamp,
  type UidRegister,
  type Validity,
} from '../replica/last-writer-registers.js';
import type { Instance } from '../replica/mailbox-state.js';
import { peersFlagsMax } from '../replica/replica-limits.js';
import { type Clock, coversStamp } from '../replica/version-vector.js';
import type { Rules } from './rules-tests-can-switch-off.js';

export const untouched: FlagRegister = { on: false, modseq: 0, host: '' };

/** May this flag, of which a peer tells, be noted with those that the message has? */
export function hasRoomForFlag(flags: ReadonlyMap<Flag, FlagRegister>, flag: Flag): boolean {
  return flags.size < peersFlagsMax || flags.has(flag) || isSystemFlag(flag);
}

/** A message as a peer tells of it, with as many flags as are taken of peers. The very instance where all are. */
export function withRoomForFlags(instance: Instance): Instance {
  if (instance.flags.size <= peersFlagsMax) return instance;
  const flags = new Map<Flag, FlagRegister>();
  for (const [flag, register] of instance.flags) if (hasRoomForFlag(flags, flag)) flags.set(flag, register);
  return { ...instance, flags };
}

/** The flags of one instance that news changed here, for the report. */
type FlagChanges = {
  readonly set: readonly Flag[];
  readonly cleared: readonly Flag[];
  /** Changed on both sides, to different values, without knowing of each other. */
  readonly conflicts: readonly { readonly flag: Flag; readonly winner: FlagRegister; readonly loser: FlagRegister }[];
};

/** The flags that are on in one of two sets of registers alone. */
export function flagChanges(
  before: ReadonlyMap<Flag, FlagRegister>,
  after: ReadonlyMap<Flag, FlagRegister>,
): { readonly set: readonly Flag[]; readonly cleared: readonly Flag[] } {
  const isOn = (flags: ReadonlyMap<Flag, FlagRegister>, flag: Flag): boolean => flags.get(flag)?.on === true;
  return {
    set: [...after.keys()].filter((flag) => isOn(after, flag) && !isOn(before, flag)),
    cleared: [...before.keys()].filter((flag) => isOn(before, flag) && !isOn(after, flag)),
  };
}

/** Joins the registers of `theirs` into `mine`: per flag the later wins. The very instance where nothing changes. */
export function joinRegisters(
  mine: Instance,
  theirs: { readonly uid?: UidRegister; readonly flags: ReadonlyMap<Flag, FlagRegister> },
  known: { readonly mine: Clock; readonly theirs: Clock; readonly validity: Validity | null },
): { instance: Instance; changes: FlagChanges | null } {
  let flags: Map<Flag, FlagRegister> | null = null;
  let changes: { set: Flag[]; cleared: Flag[]; conflicts: FlagChanges['conflicts'][number][] } | null = null;
  for (const [flag, register] of theirs.flags) {
    if (!hasRoomForFlag(flags ?? mine.flags, flag)) continue;
    const own = mine.flags.get(flag) ?? untouched;
    if (compareStamps(own, register) === 0) continue;
    const winner = laterRegister(own, register);
    if (winner !== own) {
      flags ??= new Map(mine.flags);
      flags.set(flag, register);
    }
    if (own.on === register.on) continue;
    const isConflict = !coversStamp(known.theirs, own) && !coversStamp(known.mine, register);
    if (winner === own && !isConflict) continue;
    changes ??= { set: [], cleared: [], conflicts: [] };
    if (winner !== own) (register.on ? changes.set : changes.cleared).push(flag);
    if (isConflict) changes.conflicts.push({ flag, winner, loser: winner === own ? register : own });
  }
  const uid = theirs.uid === undefined ? mine.uid : joinUids(mine.uid, theirs.uid, known.validity);
  if (flags === null && uid === mine.uid) return { instance: mine, changes };
  return { instance: { ...mine, uid, flags: flags ?? mine.flags }, changes };
}

/**
 * The uid register that wins: one of the UIDVALIDITY that holds, else of the lower one; then the higher UID. Of two
 * that say the same the one renumbered more often, then the later.
 */
function joinUids(a: UidRegister, b: UidRegister, validity: Validity | null): UidRegister {
  if (a === b) return a;
  const order =
    rank(b, validity) - rank(a, validity) ||
    b.uidValidity - a.uidValidity ||
    a.uid - b.uid ||
    a.round - b.round ||
    compareStamps(a, b);
  return order >= 0 ? a : b;
}

function rank({ uidValidity }: UidRegister, validity: Validity | null): number {
  return uidValidity === validity?.uidValidity ? 0 : 1;
}

/**
 * The instance that stays, with the flags and UID of the one that goes joined into it (merge rule 4). What really
 * changes gets a stamp of this host's own: a peer's clock may cover the stamp it had on the other instance, and would
 * never be told.
 */
export function handOver(
  stays: Instance,
  goes: Instance,
  { stamp, validity, rules }: { readonly stamp: Stamp; readonly validity: Validity | null; readonly rules: Rules },
): Instance {
  let flags: Map<Flag, FlagRegister> | null = null;
  for (const [flag, register] of goes.flags) {
    if (!hasRoomForFlag(flags ?? stays.flags, flag)) continue;
    const own = stays.flags.get(flag) ?? untouched;
    if (own.on === register.on || compareStamps(own, register) >= 0) continue;
    flags ??= new Map(stays.flags);
    flags.set(flag, rules.stampHandOver ? { on: register.on, ...stamp } : register);
  }
  const better = joinUids(stays.uid, goes.uid, validity);
  const sameUid = better.uidValidity === stays.uid.uidValidity && better.uid === stays.uid.uid;
  if (flags === null && sameUid) return stays;
  const uid = sameUid ? stays.uid : rules.stampHandOver ? { ...better, ...stamp } : better;
  return { ...stays, uid, flags: flags ?? stays.flags };
}
