import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { BirthKey } from '../../replica/message-birth.js';

/**
 * What the mail server of this host still has to be told of a mailbox, so that mail programs which come from a peer's
 * server hear of all differences: to raise HIGHESTMODSEQ above `above`, and to give new modseqs to these messages where
 * they have lower ones.
 */
export type ModseqDuty = {
  readonly mailbox: MailboxName;
  readonly above: number;
  /** Was something done here that the peer had not heard of? */
  readonly isBehind: boolean;
  readonly births: ReadonlySet<BirthKey>;
};

/** What the mail server of this host has still to be told, and what peers said of theirs. */
export interface ModseqCatalog {
  /** By mailbox. */
  modseqDuties(): ModseqDuty[];
  /** Joined with what is due in that mailbox already. */
  addModseqDuty(duty: ModseqDuty): void;
  dropModseqDuty(mailbox: MailboxName): void;
  /** Of each mailbox the highest HIGHESTMODSEQ that a statement of this host, or of one that it heard of, speaks of. */
  statedModseqs(): ReadonlyMap<MailboxName, number>;
  /** Where it is higher than what was noted of the mailbox. */
  noteStatedModseqs(served: ReadonlyMap<MailboxName, number>): void;
  /** Of each host, the number of the last of its statements whose modseqs were made duties. */
  modseqsHeard(): ReadonlyMap<HostId, number>;
  noteModseqsHeard(host: HostId, number: number): void;
}
