import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Digest } from '../../mail/mailbox-scan.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import type { Instance } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';

/** What a scan found changed in one mailbox since the last one. */
export type LocalChanges = {
  readonly mailbox: MailboxName;
  readonly born: number;
  readonly expunged: number;
  /** Messages that were written anew: each is another one now, and neither new nor expunged. */
  readonly rewritten: number;
  readonly flagged: number;
  /** Messages to which the store itself gave another UID. */
  readonly renumbered: number;
  readonly created: boolean;
  readonly deleted: boolean;
  /** Set where the store's UIDVALIDITY changed. */
  readonly uidValidity: { readonly from: number; readonly to: number } | null;
  /**
   * The UIDNEXT that it had come to, where its UIDs are nearly used up: it goes on under another UIDVALIDITY. Else
   * null.
   */
  readonly exhausted: number | null;
  /** What the store does not know any more, though nobody changed it: it is given again what is known here. */
  readonly lost: readonly Loss[];
};

/**
 * uids: its UID list; keywords: names of keywords that messages have; subscription: that the mailbox is subscribed to.
 */
export type Loss = 'uids' | 'keywords' | 'subscription';

export type Observation = {
  /** The very object that was given, where nothing at all is new. */
  readonly known: KnownMailbox;
  readonly changes: LocalChanges;
  readonly born: readonly Instance[];
  readonly expunged: readonly Instance[];
};

export type ObserveContext = {
  readonly self: HostId;
  /** Makes the UIDVALIDITY of a mailbox whose store has lost its own. Seconds since 1970. */
  readonly nowS: number;
  /**
   * Of the messages that are to be read (`isToBeRead`). One that is missing could not be read: the message is left
   * alone.
   */
  readonly digests: ReadonlyMap<string, Digest>;
  /** Null where the store has lost its list of subscriptions: nobody changed any. */
  readonly subscribed: boolean | null;
  /** How many births share a modseq; for tests. */
  readonly birthsPerModseq?: number;
  /** Keywords the store had no room for when it was last asked (`ChangeOutcome.unstorable`). */
  readonly unstorable?: readonly Flag[];
  /**
   * Was the same mail in this mailbox before, under a birth that went or was given up, and may peers still have it? It
   * is born anew then (`compareForKeeping`).
   */
  readonly wasHere?: (mail: TextId) => boolean;
  /** The refs that messages which were written anew have been given, with those they had. */
  readonly successors?: ReadonlyMap<string, string>;
};
