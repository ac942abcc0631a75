import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';

/** What happens to one message, as a person would know it. Of an export: what its readers are told of it. */
export type MessageChange = {
  /** anew: it was written anew elsewhere. uid: it gets another UID, and nothing else. */
  readonly what: 'goes' | 'comes' | 'moves' | 'anew' | 'flags' | 'same' | 'uid';
  /** Where it is in the end; where it was, if it goes. */
  readonly mailbox: MailboxName;
  /** Where it was, if it moves. */
  readonly from: MailboxName | null;
  readonly guid: Guid;
  /** Null where it had none, or gets none yet. */
  readonly uidBefore: number | null;
  readonly uidAfter: number | null;
  /** Sorted. Those of `flagsBefore` are none where it comes. */
  readonly flagsBefore: readonly Flag[];
  readonly flagsAfter: readonly Flag[];
  /** In seconds since 1970. */
  readonly receivedS: number;
  readonly sizeBytes: number;
  /** As its own header says, decoded; null where it has none, or its text is not at hand. May hold anything. */
  readonly sender: string | null;
  readonly subject: string | null;
  /** Who expunged or wrote it anew, or saw it first. */
  readonly by: HostId | null;
};
