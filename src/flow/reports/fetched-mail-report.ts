import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';

/** Programs that fetch mail into this host's store, and into those of peers. */
export type Fed = {
  readonly here: readonly string[];
  readonly peers: readonly { readonly hostId: HostId; readonly name: string; readonly programs: readonly string[] }[];
};

/** New messages whose body, date and Message-ID are those of mail that is in the same mailbox in other bytes. */
export type Refetched = {
  readonly messages: number;
  /** Were there so many that not all of them were compared? */
  readonly orMore: boolean;
  readonly mailboxes: readonly MailboxName[];
};
