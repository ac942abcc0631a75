import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { BirthKey } from '../../replica/message-birth.js';

/**
 * Mail that went from a mailbox here, or whose place other mail has taken, while peers may still hold it: their copies
 * need no second journey.
 */
export type Departed = {
  readonly mailbox: MailboxName;
  readonly birth: BirthKey;
  readonly guid: Guid;
  readonly same?: Guid;
  readonly modseq: number;
  /** A bundle with a part of the mailbox has told of it: no clock shows any more who holds it still. */
  readonly told: boolean;
};

/** Messages that went from here while peers may still hold them. */
export interface GoneMessageCatalog {
  addDeparted(rows: readonly Departed[]): void;
  departed(): Departed[];
  /** Second digests of the mail that went from a mailbox, as far as it is remembered: departed, or in the trash. */
  mailGoneFrom(mailbox: MailboxName): ReadonlySet<Guid>;
  dropDeparted(rows: readonly Departed[]): void;
}
