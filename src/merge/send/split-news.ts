import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf, type TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import type { Instance, MailboxState } from '../../replica/mailbox-state.js';
import { type Birth, type BirthKey, compareBirths } from '../../replica/message-birth.js';
import type { Ledger } from '../../replica/uid-ledger.js';
import { type Clock, coversBirth, coversStamp, type Tick, tickOf } from '../../replica/version-vector.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';

/** A message whose place another one with its text has taken (merge rule 4). */
export type GivenUp = TextId & { readonly birth: Birth };

type PartRequest = {
  /** What the receiver is known to have. */
  readonly base: Clock;
  /** The highest UID that may be told of, of messages that are new to it. Inclusive. */
  readonly through: number;
  /** Messages that it may still have, and whose place others have taken. */
  readonly givenUp: readonly GivenUp[];
};

/**
 * A mailbox as somebody could know it who has heard of less: of the messages that `base` does not cover only the first
 * by UID, and nothing of UIDs beyond those. What is told of it is complete in itself, and the rest can be told later as
 * if it had happened later: to whoever knows this much, `diff` gives just that. Null where no message could be told of
 * this way; the very state where all can.
 *
 * For that the part is a consistent cut. It is closed downwards by serial and by UID, and its clock vouches for no
 * modseq from which on something is held back: a deed always has a higher modseq than the birth of the message it was
 * done to, so whoever has this clock lacks no deed that the clock covers, however it came by its other knowledge.
 * Registers are given as they are now: some are ahead of the clock, and will be said again.
 */
export function partOf(
  state: MailboxState,
  { base, through, givenUp }: PartRequest,
  rules: Rules = everyRule,
): MailboxState | null {
  const columns = columnsOf(state, base, rules);
  const limits = shrink(columns, through, rules.holdBackReplaced ? rivalsOf(givenUp) : new Map());
  const told = [...columns.values()].reduce((sum, { count }) => sum + count, 0);
  if (told === 0) return null;
  const isWhole = [...columns.values()].every(({ fresh, count }) => count === fresh.length) && limits.caps.size === 0;
  if (isWhole) return state;

  const serials = new Map<HostId, number>();
  let vouched = Number.POSITIVE_INFINITY; // the highest modseq before anything that is held back
  for (const [host, { serial }] of state.clock) {
    const { fresh = [], count = 0 } = columns.get(host) ?? {};
    const first = fresh[count];
    const cap = limits.caps.get(host);
    if (cap !== undefined && cap < (first?.birth.serial ?? serial + 1) - 1) {
      serials.set(host, cap);
      vouched = Math.min(vouched, lastModseq(state, host, cap) - 1);
    } else if (first !== undefined) {
      serials.set(host, first.birth.serial - 1);
      vouched = Math.min(vouched, first.modseq - 1);
    }
  }
  const uidMax = Math.min(limits.uidMax, state.uidNext - 1);
  const isBeyond = ({ uid }: Instance): boolean => uid.uidValidity === state.validity?.uidValidity && uid.uid > uidMax;
  const instances = new Map<BirthKey, Instance>();
  for (const [key, instance] of state.instances) {
    const { host, serial } = instance.birth;
    if (serial > (serials.get(host) ?? serial)) continue;
    if (!isBeyond(instance) || coversStamp(base, instance.uid) || !rules.cutUids) {
      instances.set(key, instance);
      continue;
    }
    // The receiver has it under another UID, and keeps that until it hears of those below the new one.
    vouched = Math.min(vouched, instance.uid.modseq - 1);
    instances.set(key, { ...instance, uid: { ...instance.uid, modseq: 0 } });
  }
  const clock = new Map<HostId, Tick>();
  for (const [host, tick] of state.clock) {
    const modseq = rules.cutModseqs ? Math.min(tick.modseq, Math.max(tickOf(base, host).modseq, vouched)) : tick.modseq;
    const serial = rules.cutSerials ? (serials.get(host) ?? tick.serial) : tick.serial;
    if (serial > 0 || modseq > 0) clock.set(host, { serial, modseq });
  }
  if (!rules.cutUids) return { ...state, clock, instances };
  const ledger = ledgerThrough(state.ledger, state.validity?.uidValidity ?? 0, uidMax);
  return { ...state, clock, instances, uidNext: uidMax + 1, ledger };
}

/** The messages of one host that the receiver has not heard of, by serial. */
type Column = {
  readonly fresh: readonly Instance[];
  readonly uids: readonly number[];
  /** The highest UID up to each, and the lowest from each on. */
  readonly highest: readonly number[];
  readonly lowest: readonly number[];
  /** So many of them are told of. */
  count: number;
};

function columnsOf({ instances, validity }: MailboxState, base: Clock, rules: Rules): ReadonlyMap<HostId, Column> {
  const byHost = new Map<HostId, Instance[]>();
  for (const instance of instances.values()) {
    if (coversBirth(base, instance.birth)) continue;
    const list = byHost.get(instance.birth.host);
    if (list === undefined) byHost.set(instance.birth.host, [instance]);
    else list.push(instance);
  }
  const columns = new Map<HostId, Column>();
  for (const [host, list] of byHost) {
    const fresh = list.sort((a, b) => a.birth.serial - b.birth.serial);
    // What will be numbered anew goes last.
    const uids = fresh.map(({ uid }) =>
      uid.uidValidity === validity?.uidValidity ? uid.uid : Number.POSITIVE_INFINITY,
    );
    const highest = uids.slice();
    for (let n = 1; n < highest.length; n++) highest[n] = Math.max(at(highest, n - 1), at(highest, n));
    const lowest = uids.slice();
    for (let n = lowest.length - 2; n >= 0; n--) lowest[n] = Math.min(at(lowest, n), at(lowest, n + 1));
    columns.set(host, { fresh, uids, highest, lowest: rules.closeUids ? lowest : [], count: fresh.length });
  }
  return columns;
}

type Limits = {
  /** Below every UID that is held back. */
  readonly uidMax: number;
  /** Serials from which on a message may have been given up for one that is held back: inclusive, by host. */
  readonly caps: ReadonlyMap<HostId, number>;
};

/**
 * Holds back what has to be while something else is, until nothing more has to. Linear: everything is held back once.
 */
function shrink(
  columns: ReadonlyMap<HostId, Column>,
  through: number,
  rivals: ReadonlyMap<Guid, readonly Birth[]>,
): Limits {
  const caps = new Map<HostId, number>();
  let limit = through;
  let uidMax = Number.POSITIVE_INFINITY;
  for (let isOpen = true; isOpen; ) {
    isOpen = false;
    for (const [host, column] of columns) {
      const { fresh, highest, lowest } = column;
      while (column.count > 0) {
        const last = fresh[column.count - 1] as Instance;
        if (at(highest, column.count - 1) <= limit && last.birth.serial <= (caps.get(host) ?? Infinity)) break;
        column.count -= 1;
        isOpen = true;
        for (const rival of rivals.get(sameOf(last)) ?? []) {
          // What was born anew may be what any of them was given up for.
          if (last.anew === undefined && compareBirths(last.birth, rival) >= 0) continue;
          caps.set(rival.host, Math.min(caps.get(rival.host) ?? Infinity, rival.serial - 1));
        }
      }
      const next = lowest[column.count];
      if (next === undefined || next > uidMax) continue;
      uidMax = next - 1;
      if (uidMax >= limit) continue;
      limit = uidMax;
      isOpen = true;
    }
  }
  return { uidMax, caps };
}

function rivalsOf(givenUp: readonly GivenUp[]): ReadonlyMap<Guid, readonly Birth[]> {
  const rivals = new Map<Guid, Birth[]>();
  for (const { birth, ...text } of givenUp) {
    const list = rivals.get(sameOf(text));
    if (list === undefined) rivals.set(sameOf(text), [birth]);
    else list.push(birth);
  }
  return rivals;
}

/** No birth of this host beyond the serial has a lower modseq. */
function lastModseq({ instances }: MailboxState, host: HostId, serial: number): number {
  let highest = 0;
  for (const { birth, modseq } of instances.values()) {
    if (birth.host === host && birth.serial <= serial) highest = Math.max(highest, modseq);
  }
  return Math.max(highest, 1);
}

function ledgerThrough({ claims, agreements }: Ledger, uidValidity: number, uidMax: number): Ledger {
  const cut = <T extends { readonly uidValidity: number; readonly lo: number; readonly hi: number }>(
    entries: readonly T[],
  ): T[] =>
    entries
      .filter((entry) => entry.uidValidity !== uidValidity || entry.lo <= uidMax)
      .map((entry) => (entry.uidValidity !== uidValidity || entry.hi <= uidMax ? entry : { ...entry, hi: uidMax }));
  return { claims: cut(claims), agreements: cut(agreements) };
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}
