import type { Instance } from '../replica/mailbox-state.js';
import type { KnownMailbox } from '../replica/mailbox-state-and-stored-files.js';
import { seenHoldings } from './stored-files-by-message.js';

/**
 * The messages that are known and were not seen in the store yet: their texts have still to come, or to be delivered.
 */
export function undelivered(known: KnownMailbox): Instance[] {
  const seen = seenHoldings(known);
  return [...known.state.instances].filter(([birth]) => !seen.has(birth)).map(([, instance]) => instance);
}
