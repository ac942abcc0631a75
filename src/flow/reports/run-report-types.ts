import type { MendedText } from '../../apply/mend/mend-damaged-texts.js';
import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import type { Failure } from '../../failure.js';
import type { Flag } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { LocalChanges } from '../../merge/observe/observation.js';
import type { Withheld } from '../../merge/permission/withheld-changes.js';
import type { HostId } from '../../replica/host-id.js';
import type { Fed, Refetched } from './fetched-mail-report.js';
import type { MessageChange } from './message-change-type.js';

/** What a look at the store found. */
export type SurveyReport = {
  /** Mailboxes that the store shows under another name than before, by its own mailbox id. */
  readonly renamed: readonly { readonly from: MailboxName; readonly to: MailboxName }[];
  readonly changes: readonly LocalChanges[];
  readonly mailboxes: number;
  readonly messages: number;
  /** Mailboxes that could not be looked at: what is known of them stays as it was, and nothing is merged with it. */
  readonly unseen: readonly MailboxName[];
  /** Did any mailbox seem touched, so that it was read anew? */
  readonly isTouched: boolean;
  readonly troubles: readonly Trouble[];
};

export type ScanReport = SurveyReport & {
  /** Messages whose damaged text was replaced, or that were written anew and are new ones now. */
  readonly mended: readonly MendedText[];
};

export type ExportReport = {
  readonly kind: 'export';
  readonly dryRun: boolean;
  /** The directory, or `-`. */
  readonly target: string;
  readonly scan: ScanReport;
  /** What was written, in this order; empty where there was nothing to tell. */
  readonly bundles: readonly ExportedBundle[];
  /**
   * Deletions that it passes on: messages that were expunged here and that the peers still hold, as far as is known.
   */
  readonly expunged: DeletionTotals;
  /** Does the directory become a medium by this? */
  readonly newMedium: boolean;
  /** What there was no room for, and what will go next time; null for nothing. */
  readonly left: LeftForLater | null;
  /** Message by message what its readers are told, but for what was expunged here; null where nobody asked for it. */
  readonly messages: readonly MessageChange[] | null;
  /** On the medium, before it was written; null where nothing was to be, and where it goes to a pipe. */
  readonly room: RoomNeeded | null;
  /** Bundles of ours that nobody needs any more, and that were therefore removed. */
  readonly removed: readonly string[];
  /** False where every peer was revoked: then there is nobody to write for. */
  readonly hasReaders: boolean;
  /**
   * Accounts of which something lies there, where nothing of this one does; within a sync, which says so itself,
   * empty.
   */
  readonly otherAccounts: readonly string[];
  /** Patterns of mailbox names that stand for no mailbox: mistyped, perhaps. */
  readonly unmatched: readonly string[];
  readonly troubles: readonly Trouble[];
};

/** How many messages were expunged, in how many mailboxes. */
type DeletionTotals = { readonly messages: number; readonly mailboxes: number };

export type ExportedBundle = {
  readonly fileName: string;
  readonly number: number;
  /** Null in a dry run. */
  readonly sizeBytes: number | null;
  readonly texts: number;
  readonly textBytes: number;
  readonly mailboxes: readonly OutgoingMailbox[];
  /** Names of the peers it is for; empty: anyone. */
  readonly to: readonly string[];
  readonly sealed: boolean;
  /** How many earlier bundles in the directory it builds upon. */
  readonly buildsOn: number;
};

export type LeftForLater = {
  /**
   * What was used up: what the user allows, or the medium. `file-size`: a pipe or file system takes no more in one
   * file.
   */
  readonly limit: 'max-size' | 'room' | 'file-size';
  /** In the order in which they will go. */
  readonly mailboxes: readonly {
    readonly mailbox: MailboxName;
    /** New ones; 0 where only changes are left. */
    readonly messages: number;
    readonly textBytes: number;
  }[];
  readonly messages: number;
  readonly textBytes: number;
  /** Texts that somebody asked for. */
  readonly askedTexts: number;
};

export type OutgoingMailbox = {
  readonly mailbox: MailboxName;
  readonly saves: number;
  /** Bytes of the messages that are new to its readers, moved ones not counted, whether or not their texts go along. */
  readonly savedBytes: number;
  readonly updates: number;
  readonly living: number;
  /** Messages that it says were expunged here, moved ones not counted. */
  readonly expunged: number;
  /** Those of `saves` that were moved from another mailbox of which its readers know them. */
  readonly moved: readonly { readonly from: MailboxName; readonly messages: number }[];
};

/** Bytes that are needed at the most where something is put, and those that are free there; null where nobody knows. */
export type RoomNeeded = { readonly neededBytes: number; readonly freeBytes: number | null };

export type ImportReport = {
  readonly kind: 'import';
  readonly dryRun: boolean;
  readonly source: string;
  readonly scan: ScanReport;
  readonly bundles: readonly ImportedBundle[];
  readonly mailboxes: readonly ImportedMailbox[];
  readonly texts: {
    readonly arrived: number;
    readonly bytes: number;
    /** Linked from copies that were here. */
    readonly linked: number;
    /** Known, but not here yet. */
    readonly waiting: number;
  };
  /** Messages that were expunged elsewhere, and now here; those that were moved are not counted. */
  readonly expunged: DeletionTotals;
  /** Message by message; null where nobody asked for it. */
  readonly messages: readonly MessageChange[] | null;
  /** The peers that should have texts which are not here yet, each with how many; empty where nobody asked for it. */
  readonly waitsFor: readonly { readonly name: string; readonly texts: number }[];
  /** Of a dry run that read the texts: what was received last of what comes into each mailbox; else empty. */
  readonly newest: readonly NewestMessage[];
  /** Did a dry run read all bundles that are used to their ends, and find every text as its hash says? */
  readonly intact: boolean;
  /** Where the store is, before anything was changed. */
  readonly room: RoomNeeded;
  /** Messages that go into the trash, and can be brought back for a while. */
  readonly trashed: number;
  /** What limited peers said that is not done here, for each mailbox and peer where there is any. */
  readonly withheld: readonly WithheldChanges[];
  /** Patterns of mailbox names that stand for no mailbox: mistyped, perhaps. */
  readonly unmatched: readonly string[];
  /** Programs fetch mail into this host's store and into those of these peers; said once of each. */
  readonly fed: Fed | null;
  /** Did many of the new messages come that are here in other bytes? */
  readonly refetched: Refetched | null;
  /** What else of the bundles was not used. */
  readonly troubles: readonly Trouble[];
};

/** The message that was received last of several. Its subject is null where it has none, or its text is not at hand. */
export type NewestMessage = {
  readonly mailbox: MailboxName;
  readonly receivedS: number;
  readonly subject: string | null;
};

export type WithheldChanges = Withheld & { readonly mailbox: MailboxName; readonly from: HostId };

export type ImportedBundle = {
  readonly fileName: string;
  readonly sizeBytes: number | null;
  readonly from: { readonly hostId: HostId; readonly name: string } | null;
  readonly number: number | null;
  readonly madeAtS: number | null;
  /**
   * taken: used; limited: used as far as its sender's right goes; incomplete: used as far as it is intact; old:
   * everything in it was known; refused: not used at all, see `failure`.
   */
  readonly outcome: 'taken' | 'limited' | 'incomplete' | 'old' | 'refused';
  readonly failure: Failure | null;
};

export type ImportedMailbox = {
  readonly mailbox: MailboxName;
  readonly decisions: readonly Decision[];
  /** Bundles that could not be used for this mailbox, each with the reason. */
  readonly refused: readonly Trouble[];
  readonly unstorable: readonly Flag[];
  readonly troubles: readonly Trouble[];
};

/** What could be brought back, or was. */
export type RestoreReport = {
  readonly kind: 'restore';
  readonly dryRun: boolean;
  /** Nothing was chosen: all that there is, and nothing was done. */
  readonly isListing: boolean;
  /** In the order in which they were expunged. */
  readonly messages: readonly RestoreMessage[];
  /** Where the store is, before anything was changed: what it takes to bring them back. Null of a listing. */
  readonly room: RoomNeeded | null;
  readonly troubles: readonly Trouble[];
};

/**
 * restorable: it can be, or in a dry run would be, brought back. restored: it is in its mailbox again. there: its text
 * is in the mailbox, and not brought back a second time. waiting: it will be delivered by a later run; a trouble says
 * why. damaged: its text is not what it was.
 */
export type RestoreOutcome = 'restorable' | 'restored' | 'there' | 'waiting' | 'damaged';

export type RestoreMessage = Omit<Trashed, 'birth' | 'hint' | 'same' | 'flags' | 'seenS'> & {
  /** Sorted. */
  readonly flags: readonly Flag[];
  readonly subject: string | null;
  readonly outcome: RestoreOutcome;
};

/** What waits for a text, or was given up. */
export type ForgetReport = {
  readonly kind: 'forget';
  readonly dryRun: boolean;
  /** Nothing was chosen: all that waits, and nothing was done. */
  readonly isListing: boolean;
  /** By mailbox and UID. */
  readonly messages: readonly ForgetMessage[];
  readonly troubles: readonly Trouble[];
};

export type ForgetMessage = Pick<Trashed, 'mailbox' | 'guid' | 'sizeBytes' | 'receivedS'> & {
  /** Null where it has none in the UIDVALIDITY that holds. */
  readonly uid: number | null;
  /** Names of the peers that should have its text. */
  readonly holders: readonly string[];
  /**
   * lost: no peer is known to have its text; it can be, or in a dry run would be, forgotten. held: one should have it,
   * and it is left.
   */
  readonly outcome: 'lost' | 'held' | 'forgotten';
};

/** Import and export of one directory. `import` is null where there was nothing to import from yet. */
export type SyncReport = {
  readonly kind: 'sync';
  readonly target: string;
  readonly import: ImportReport | null;
  readonly export: ExportReport | null;
  /** Where nothing of this account was there before, those of which something was: another name may be meant. */
  readonly otherAccounts: readonly string[];
  readonly failure: Failure | null;
};

/** What a flow tells while it runs. `stage` begins something; `progress` says how far it is. */
export type FlowEvent =
  | {
      readonly kind: 'stage';
      readonly stage: 'scan' | 'examine' | 'read' | 'texts' | 'apply' | 'write' | 'wait';
      readonly subject: string;
    }
  | {
      readonly kind: 'progress';
      readonly doneBytes: number;
      readonly totalBytes: number;
      readonly doneMessages: number;
      readonly totalMessages: number;
    };

export type Listener = (event: FlowEvent) => void;
