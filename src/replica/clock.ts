import type { Birth } from './birth.js';
import type { HostId } from './host-id.js';

/** How far one host's deeds are known: its births up to `serial`, its changes up to `modseq`. */
export type Tick = { readonly serial: number; readonly modseq: number };

/** Version vector of one mailbox: "I know everything that host did up to here". A host not in it is at zero. */
export type Clock = ReadonlyMap<HostId, Tick>;

export const zeroTick: Tick = { serial: 0, modseq: 0 };

export const emptyClock: Clock = new Map();

export function tickOf(clock: Clock, host: HostId): Tick {
  return clock.get(host) ?? zeroTick;
}

/** Does `clock` know everything that `other` knows? */
export function covers(clock: Clock, other: Clock): boolean {
  for (const [host, tick] of other) {
    const mine = tickOf(clock, host);
    if (mine.serial < tick.serial || mine.modseq < tick.modseq) return false;
  }
  return true;
}

export function coversBirth(clock: Clock, birth: Birth): boolean {
  return tickOf(clock, birth.host).serial >= birth.serial;
}

export function coversStamp(clock: Clock, stamp: { readonly modseq: number; readonly host: HostId }): boolean {
  return tickOf(clock, stamp.host).modseq >= stamp.modseq;
}

/** Component-wise maximum (merge rule 5). */
export function joinClocks(a: Clock, b: Clock): Clock {
  return combine(a, b, Math.max);
}

/** Component-wise minimum: what the owners of both clocks know. */
export function meetClocks(a: Clock, b: Clock): Clock {
  return combine(a, b, Math.min);
}

function combine(a: Clock, b: Clock, pick: (x: number, y: number) => number): Clock {
  const result = new Map<HostId, Tick>();
  for (const host of new Set([...a.keys(), ...b.keys()])) {
    const x = tickOf(a, host);
    const y = tickOf(b, host);
    const tick = { serial: pick(x.serial, y.serial), modseq: pick(x.modseq, y.modseq) };
    if (tick.serial > 0 || tick.modseq > 0) result.set(host, tick);
  }
  return result;
}

export function sameClock(a: Clock, b: Clock): boolean {
  return covers(a, b) && covers(b, a);
}
