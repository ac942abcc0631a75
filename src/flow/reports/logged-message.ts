import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';

/** A message in an entry of the log: what became of it, and by what its text is found again while that is here. */
export type LoggedMessage = {
  /** Of an export: what its readers were told of it. */
  readonly what: 'goes' | 'comes' | 'moves' | 'anew';
  /** Where it is in the end; where it was, if it goes. */
  readonly mailbox: MailboxName;
  /** Where it was, if it moves. */
  readonly from: MailboxName | null;
  readonly guid: Guid;
  readonly uid: number | null;
  /** In seconds since 1970. */
  readonly receivedS: number;
  readonly sizeBytes: number;
  /** Who expunged or wrote it anew, or saw it first. */
  readonly by: HostId;
};

/** Messages that an entry names; of more it says how many. An entry is kept for years. */
export const loggedMessagesMax = 100;

/** As the details of an entry hold them. */
export function logDetailsOf(messages: readonly LoggedMessage[]): {
  readonly messages: readonly LoggedMessage[];
  readonly moreMessages: number;
} {
  const named = messages.slice(0, loggedMessagesMax);
  return { messages: named, moreMessages: messages.length - named.length };
}
