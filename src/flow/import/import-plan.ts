import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import type { Fed } from '../reports/fetched-mail-report.js';
import type { Headline } from '../run/read-message-headers.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';
import type { TextsTaken } from './take-texts.js';

/** What an import does, all of which is known before the store is changed: a dry run ends with it. */
export type ImportPlan = {
  /** The bundles, with what of each was not used. */
  readonly arrivals: readonly Arrival[];
  /** The mailboxes that something was merged into, or that waited for texts which are here now, with their UIDs. */
  readonly mailboxes: readonly MergedMailbox[];
  readonly texts: TextsTaken;
  /** For who wants to hear of each message: the mailboxes before; else null. */
  readonly before: ReadonlyMap<MailboxName, KnownMailbox> | null;
  /** What came with the bundles that a dry run has read; null where none was read. */
  readonly arrived: ReadonlyMap<Guid, Headline> | null;
  /** Programs fetch mail into this host's store and into those of these peers: what of that was not said yet. */
  readonly fed: Fed | null;
  /** Bytes that are free where the store is, before anything is changed; null where nobody knows. */
  readonly freeBytes: number | null;
  /** What else of the bundles was not used. */
  readonly troubles: readonly Trouble[];
};
