import type { HostId } from './host-id.js';
import { fairStepsMax, stepsMax, vouchedHostsMax } from './replica-limits.js';

// Anybody can make up host ids. One with which this host is not paired is taken up only on the word of a peer that has
// every right here, and of each peer only so many (mrepl-sync(7), WHO VOUCHES FOR WHAT).

/**
 * On whose word a host is known, and how many steps from host to host it is away, each paired with the next: a paired
 * host is one step away.
 */
export type Vouch = { readonly by: HostId; readonly steps: number };

/** What a host says in its statement of the hosts that it is not paired with itself. */
export type Strangers = ReadonlyMap<HostId, Vouch>;

/** So many hosts up to so many steps away are taken up on the word of one peer. Inclusive. */
export function vouchedMax(steps: number): number {
  return vouchedHostsMax * 2 ** (Math.min(steps, fairStepsMax) - 2);
}

/**
 * How far away a host is by the word of a peer; null where that does not vouch for it: it is too far away, or known to
 * the peer from this host alone.
 */
export function stepsTo(host: HostId, said: Strangers, self: HostId): number | null {
  const there = said.get(host);
  if (there === undefined) return 2;
  return there.by === self || there.steps >= stepsMax ? null : Math.max(there.steps, 2) + 1;
}

/**
 * Is there room for one more host on the word of this peer, with what is known on its word? Those that are further away
 * take none from it: so a host that makes up others fills no more than what is behind it.
 */
export function hasRoomFor({ by, steps }: Vouch, known: Iterable<Vouch>): boolean {
  let count = 0;
  for (const each of known) if (each.by === by && each.steps <= steps) count++;
  return count < vouchedMax(steps);
}

/**
 * What each peer vouches for, in bytes, by steps: its own is one step away, and what it passes on as many as its maker.
 */
export type Shares = Map<HostId, number[]>;

/**
 * Adds so many bytes to what a peer vouches for, if there is room: all of what it vouches for that is as near, or
 * nearer, may come to half of what others have left. So there is always room for whoever comes next, nobody is asked
 * how much is too much, and what is further away takes none from what is near. `freeBytes`: that nobody has yet.
 */
export function takeShare(shares: Shares, vouch: Vouch, bytes: number, freeBytes: number): boolean {
  const list = shares.get(vouch.by) ?? [];
  let used = 0;
  for (let n = 0; n <= vouch.steps; n++) used += list[n] ?? 0;
  if (used + bytes > freeBytes - bytes) return false;
  addShare(shares, vouch, bytes);
  return true;
}

/** Adds so many bytes to what a peer vouches for. */
export function addShare(shares: Shares, { by, steps }: Vouch, bytes: number): void {
  const list = shares.get(by) ?? new Array<number>(stepsMax + 1).fill(0);
  list[steps] = (list[steps] ?? 0) + bytes;
  shares.set(by, list);
}
