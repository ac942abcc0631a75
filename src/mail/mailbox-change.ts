import type { Flag, Spellings } from './flags.js';
import type { MailboxName } from './mailbox-name.js';
import type { Guid } from './text/text-guid.js';

/** What a store is asked to do to one mailbox. */
export type MailboxChange = {
  /**
   * UIDVALIDITY and UIDNEXT as the plan saw them; null where the store gives out none. 'absent' where the store was
   * never seen to hold the mailbox: only then is one made.
   */
  readonly expected: { readonly uidValidity: number; readonly uidNext: number } | 'absent' | null;
  /** What they have to be afterwards. A UIDVALIDITY other than the present one starts a new UID list. */
  readonly uidValidity: number;
  readonly uidNext: number;
  /** Messages to go into the store's trash. */
  readonly expunge: readonly Expunge[];
  readonly setFlags: readonly FlagChange[];
  /** New UIDs for messages that are there: ascending, at or above UIDNEXT (or any, under a new UIDVALIDITY). */
  readonly renumber: readonly { readonly ref: string; readonly uid: number }[];
  /** Messages to add: ascending by uid, likewise. */
  readonly deliver: readonly Delivery[];
  /** How keywords are spelt that the store has to list anew; those that it lists stay as they are. */
  readonly spellings?: Spellings;
};

/**
 * The flags a message is to have, and those it was last seen to have: what its user has set or taken away since stays
 * so. Without `seen`, it is to have just these.
 */
export type FlagChange = {
  readonly ref: string;
  readonly flags: ReadonlySet<Flag>;
  readonly seen?: ReadonlySet<Flag>;
};

/** `guid` is what the message was last seen to hold: its text is found under it in the trash. */
export type Expunge = { readonly ref: string; readonly guid: Guid };

export type Delivery = {
  readonly ref: string;
  readonly uid: number;
  readonly guid: Guid;
  readonly flags: ReadonlySet<Flag>;
  readonly receivedS: number;
  /** What others call this message; where `ref` differs, a store that can records it so that message GUIDs agree. */
  readonly hint: string;
  /** Where its text is: spooled, or that of a message in this store, to be linked where possible. */
  readonly text: 'spool' | { readonly mailbox: MailboxName; readonly ref: string };
};
