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

/** Is there room for one more host on the word of this peer, with what is known on its word? */
export function hasRoomFor({ by, steps }: Vouch, known: Iterable<Vouch>): boolean {
  const counts = new Array<number>(stepsMax + 1).fill(0);
  for (const each of known) if (each.by === by) counts[each.steps] = (counts[each.steps] ?? 0) + 1;
  let nearer = 0;
  for (let n = 0; n <= stepsMax; n++) {
    nearer += counts[n] ?? 0;
    if (n >= steps && nearer >= vouchedMax(n)) return false;
  }
  return true;
}
