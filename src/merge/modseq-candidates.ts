import type { ServedMailbox } from '../mail/served-mailbox.js';
import { type BirthKey, birthKey } from '../replica/birth.js';
import { type Clock, coversBirth, coversStamp } from '../replica/clock.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Instance } from '../replica/mailbox-state.js';
import { seenHoldings } from './seen-holdings.js';

/**
 * The messages that a mail program may have in its cache with other flags than here, after it was last connected to a peer that showed it
 * `served` and knew what `clock` says: under a UID that the peer had given out, with a flag register that the peer had not heard of. `alike`
 * are messages known to have had just these flags there. To such a program the messages have to seem changed (RFC 7162, CHANGEDSINCE).
 */
export function modseqCandidates(
  known: KnownMailbox,
  {
    clock,
    served,
    alike,
  }: { readonly clock: Clock; readonly served: ServedMailbox; readonly alike: ReadonlySet<BirthKey> },
): readonly BirthKey[] {
  const { state } = known;
  if (state.validity?.uidValidity !== served.uidValidity) return [];
  const seen = seenHoldings(known);
  const found: BirthKey[] = [];
  for (const instance of state.instances.values()) {
    const key = birthKey(instance.birth);
    if (instance.uid.uid >= served.uidNext || alike.has(key) || !seen.has(key)) continue;
    if (mayDiffer(instance, clock)) found.push(key);
  }
  return found;
}

function mayDiffer({ birth, flags }: Instance, clock: Clock): boolean {
  if (!coversBirth(clock, birth)) return flags.size > 0;
  for (const register of flags.values()) if (!coversStamp(clock, register)) return true;
  return false;
}
