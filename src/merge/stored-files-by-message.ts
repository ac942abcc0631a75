import type { Instance } from '../replica/mailbox-state.js';
import type { Holding, KnownMailbox } from '../replica/mailbox-state-and-stored-files.js';
import { type BirthKey, compareBirths } from '../replica/message-birth.js';
import { filesByBirth, openMessages } from '../replica/messages-read-on-demand.js';

/** The files that were seen in the store, by the living message each belongs to. */
export function seenHoldings({ state, holdings }: KnownMailbox): Map<BirthKey, Holding> {
  const seen = new Map<BirthKey, Holding>();
  for (const holding of holdings.values()) {
    if (holding.uid !== null && state.instances.has(holding.birth)) seen.set(holding.birth, holding);
  }
  return seen;
}

/**
 * The messages that are known and were not seen in the store yet, in the order of births: their texts have still to
 * come, or to be delivered.
 */
export function undelivered(known: KnownMailbox): Instance[] {
  const files = filesByBirth(known);
  const found = [...openMessages(known)].flatMap(([key, one]) => (files.seen(key) === undefined ? [one] : []));
  return found.sort((a, b) => compareBirths(a.birth, b.birth));
}
