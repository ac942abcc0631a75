import type { NewestMessage } from '../../flow/reports/run-report-types.js';
import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { RenumberReason } from '../../merge/merge-decision.js';
import type { HostId } from '../../replica/host-id.js';
import type { Ranges } from '../../replica/number-ranges.js';

/** A host as reports name it. */
export type HostRef = { readonly hostId: HostId; readonly name: string };

/**
 * What a run does to mail, in the order in which a careful reader asks: what text, JSON and the page all show. Of an
 * import it is what happens here; of an export, what it tells the hosts that it is for.
 */
export type PlanSummary = {
  readonly goes: readonly Going[];
  readonly comes: readonly Coming[];
  readonly moves: readonly Moving[];
  /** Messages that somebody wrote anew, of which the text of before goes into the trash. */
  readonly anew: readonly { readonly mailbox: MailboxName; readonly messages: number; readonly by: HostRef }[];
  readonly flags: FlagTotals;
  /** Of mail that was on both sides, each by itself: one copy stays. `flagged`: how many of them get other flags. */
  readonly same: { readonly messages: number; readonly flagged: number };
  readonly uids: readonly UidChanges[];
  readonly conflicts: readonly Conflict[];
  readonly mailboxes: readonly MailboxFate[];
  /** Messages that get the text now for which they waited. */
  readonly awaited: readonly { readonly mailbox: MailboxName; readonly messages: number }[];
};

export type Going = {
  readonly mailbox: MailboxName;
  readonly messages: number;
  /** Who expunged them. */
  readonly by: readonly HostRef[];
  /** deleted: the mailbox goes, too. kept: somebody deleted it, and it stays, as there is other mail in it. */
  readonly mailboxFate: 'deleted' | 'kept' | null;
};

export type Coming = {
  readonly mailbox: MailboxName;
  readonly messages: number;
  readonly sizeBytes: number;
  /** Was there no such mailbox? */
  readonly isNewMailbox: boolean;
  /** What was received last of it, where that was looked up. */
  readonly newest: Pick<NewestMessage, 'receivedS' | 'subject'> | null;
};

export type Moving = { readonly from: MailboxName; readonly to: MailboxName; readonly messages: number };

export type FlagTotals = {
  readonly messages: number;
  /** How many messages get a flag, or lose it, by flag. */
  readonly set: readonly FlagCount[];
  readonly cleared: readonly FlagCount[];
  readonly mailboxes: readonly { readonly mailbox: MailboxName; readonly messages: number }[];
};

type FlagCount = { readonly flag: Flag; readonly messages: number };

export type UidChanges = {
  readonly mailbox: MailboxName;
  /** Mail programs load the mailbox anew where it changes. */
  readonly uidValidity: { readonly from: number | null; readonly to: number } | null;
  readonly runs: readonly RenumberedRun[];
};

/** UIDs `from` became the UIDs `to`, one by one in ascending order, all for one reason; null: they had none. */
export type RenumberedRun = {
  readonly why: RenumberReason;
  readonly count: number;
  readonly from: Ranges | null;
  readonly to: Ranges;
  /** Where the messages were seen first. */
  readonly born: HostRef;
};

/** Changes of two hosts that exclude each other, and which of them holds. */
export type Conflict = {
  readonly mailbox: MailboxName;
  /**
   * flag: both changed one flag. expunge: one expunged what the other changed. mailbox: one deleted a mailbox in which
   * the other has mail.
   */
  readonly about: 'flag' | 'expunge' | 'mailbox';
  /** Null where it is not known here, and for a mailbox. */
  readonly uid: number | null;
  readonly flag: Flag | null;
  /** Is the flag set in the end? */
  readonly isSet: boolean | null;
  readonly winner: HostRef | null;
  readonly loser: HostRef;
};

export type MailboxFate = {
  readonly mailbox: MailboxName;
  readonly change: 'created' | 'deleted' | 'kept' | 'subscribed' | 'unsubscribed';
};

export const emptySummary: PlanSummary = {
  goes: [],
  comes: [],
  moves: [],
  anew: [],
  flags: { messages: 0, set: [], cleared: [], mailboxes: [] },
  same: { messages: 0, flagged: 0 },
  uids: [],
  conflicts: [],
  mailboxes: [],
  awaited: [],
};

/** How many messages all of these are. */
export function messagesIn(parts: readonly { readonly messages: number }[]): number {
  return parts.reduce((sum, { messages }) => sum + messages, 0);
}

/** Is there anything that a person should look at: mail that goes, a conflict, mail programs that load all anew? */
export function isUnusual({ goes, anew, conflicts, uids }: PlanSummary): boolean {
  return goes.length + anew.length + conflicts.length > 0 || uids.some(({ uidValidity }) => uidValidity !== null);
}
