import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Instance } from '../replica/mailbox-state.js';
import { seenHoldings } from './seen-holdings.js';

/** The messages that are known and were not seen in the store yet: their texts have still to come, or to be delivered. */
export function undelivered(known: KnownMailbox): Instance[] {
  const seen = seenHoldings(known);
  return [...known.state.instances].filter(([birth]) => !seen.has(birth)).map(([, instance]) => instance);
}
