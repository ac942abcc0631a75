import type { HostId } from './host-id.js';
import type { Birth } from './message-birth.js';

/** How far one host's deeds are known: its births up to `serial`, its changes up to `modseq`. */
export type Tick = { readonly serial: number; readonly modseq: number };

/** Version vector of one mailbox: "I know everything that host did up to here". A host not in it is at zero. */
export type Clock = ReadonlyMap<HostId, Tick>;

export const zeroTick: Tick = { serial: 0, modseq: 0 };

export const emptyClock: Clock = new Map();

/** How far a host's deeds are known; both numbers are zero for a host that was never heard of. */
export function tickOf(clock: Clock, host: HostId): Tick {
  return clock.get(host) ?? zeroTick;
}

/** Is `other` within `tick`, births and changes alike? */
export function coversTick(tick: Tick, other: Tick): boolean {
  return tick.serial >= other.serial && tick.modseq >= other.modseq;
}

/** What is known where either was known. */
export function joinTicks(a: Tick, b: Tick): Tick {
  return { serial: Math.max(a.serial, b.serial), modseq: Math.max(a.modseq, b.modseq) };
}

/** What is known where both were known. */
export function meetTicks(a: Tick, b: Tick): Tick {
  return { serial: Math.min(a.serial, b.serial), modseq: Math.min(a.modseq, b.modseq) };
}

/** Does `clock` know everything that `other` knows? */
export function covers(clock: Clock, other: Clock): boolean {
  for (const [host, tick] of other) if (!coversTick(tickOf(clock, host), tick)) return false;
  return true;
}

/** Does this clock say that the birth is known? If the message is then not in the state, it was expunged. */
export function coversBirth(clock: Clock, birth: Birth): boolean {
  return tickOf(clock, birth.host).serial >= birth.serial;
}

/** Does this clock say that the change with this stamp is known? */
export function coversStamp(clock: Clock, stamp: { readonly modseq: number; readonly host: HostId }): boolean {
  return tickOf(clock, stamp.host).modseq >= stamp.modseq;
}

/** Component-wise maximum (merge rule 5). */
export function joinClocks(a: Clock, b: Clock): Clock {
  return combine(a, b, joinTicks);
}

/** Component-wise minimum: what the owners of both clocks know. */
export function meetClocks(a: Clock, b: Clock): Clock {
  return combine(a, b, meetTicks);
}

function combine(a: Clock, b: Clock, pick: (x: Tick, y: Tick) => Tick): Clock {
  const result = new Map<HostId, Tick>();
  for (const host of new Set([...a.keys(), ...b.keys()])) {
    const tick = pick(tickOf(a, host), tickOf(b, host));
    if (tick.serial > 0 || tick.modseq > 0) result.set(host, tick);
  }
  return result;
}

/** Do both know the same? A host that is missing counts as one with zeros. */
export function sameClock(a: Clock, b: Clock): boolean {
  return covers(a, b) && covers(b, a);
}
