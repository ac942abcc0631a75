import type { Guid } from '../../mail/text/text-guid.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';

/** What `summaries` and `waitingGuids` answer without looking at messages: counted whenever a mailbox is saved. */
type MailboxCounts = {
  readonly messages: number;
  readonly leftovers: number;
  /** The guid of each instance without a holding that has been seen; once for each such instance. */
  readonly waiting: readonly Guid[];
};

/** Counts a mailbox, in one pass over its instances and holdings. */
export function countMailbox({ state, holdings }: KnownMailbox): MailboxCounts {
  const seen = new Set<BirthKey>();
  let leftovers = 0;
  for (const { birth, uid } of holdings.values()) {
    if (!state.instances.has(birth)) leftovers += 1;
    else if (uid !== null) seen.add(birth);
  }
  const waiting: Guid[] = [];
  if (seen.size < state.instances.size) {
    for (const [key, { guid }] of state.instances) if (!seen.has(key)) waiting.push(guid);
  }
  return { messages: state.instances.size, leftovers, waiting };
}
