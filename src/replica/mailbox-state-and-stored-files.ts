import type { FileStamp } from '../mail/file-change-stamp.js';
import type { Flag } from '../mail/flags.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Guid } from '../mail/text/text-guid.js';
import { type SizedText, type TextId, textIdOf } from '../mail/text/text-guid-and-second-digest.js';
import { blankMailbox, type Instance, type MailboxState } from './mailbox-state.js';
import type { BirthKey } from './message-birth.js';

/**
 * What the store was last seen to hold under one ref. The replicated state says what a message should be; this says
 * what it was: a difference from the store is a local change, a difference from the state is work still to be done.
 */
export type Holding = {
  readonly ref: string;
  /** The instance this is the file of. Where that instance is no longer alive, the file is to be expunged. */
  readonly birth: BirthKey;
  /**
   * The UID it had in the store, in `KnownMailbox.storeUids`; null until it has been seen there (a delivery under way).
   * In a store that gives out none, the one the catalog gave it. 0 where that has still to be laid down in the store,
   * also of a delivery that was interrupted before.
   */
  readonly uid: number | null;
  /** Keywords that the store had no room for when it was asked to set them stand here in parentheses (`unstored`). */
  readonly flags: ReadonlySet<Flag>;
  /** What the file holds: the text of the instance, or a copy of the same mail with other stamped lines. */
  readonly guid: Guid;
  readonly same?: Guid;
  /** Bytes of its canonical text; left out where they are those of the instance. */
  readonly sizeBytes?: number;
  /**
   * What its file was like when it was read, or written, just now. It is kept, but not asked for again:
   * `Catalog.fileOf`.
   */
  readonly file?: FileStamp;
};

/** The text that lies in a file; `instance` is what it belongs to, or belonged. */
export function heldText(holding: Holding, instance: Instance | undefined): SizedText {
  return { ...textIdOf(holding), sizeBytes: holding.sizeBytes ?? instance?.sizeBytes ?? 0 };
}

/** The part of a holding that says what its file holds. */
export function noteText({ sizeBytes, ...text }: SizedText): Required<Pick<Holding, 'guid' | 'sizeBytes'>> & TextId {
  return { ...textIdOf(text), sizeBytes };
}

/** All that this host knows of one mailbox: the replicated state, and what its own store was last seen to hold. */
export type KnownMailbox = {
  readonly state: MailboxState;
  readonly holdings: ReadonlyMap<string, Holding>;
  /**
   * UIDVALIDITY and UIDNEXT of the store as last seen. Null before the first scan, and where the store gives out no
   * UIDs.
   */
  readonly storeUids: { readonly uidValidity: number; readonly uidNext: number } | null;
  /** Is the mailbox in the store, as last seen? */
  readonly stored: boolean;
  /** Is it subscribed in the store, as last seen? */
  readonly storeSubscribed: boolean;
  readonly fingerprint: string | null;
  readonly mailboxId: string | null;
};

/** How a holding notes a flag that should be on and that its store cannot keep. No flag has parentheses. */
export function unstored(flag: Flag): string {
  return `(${flag})`;
}

/** A mailbox of which nothing was ever seen or heard here. */
export function unknownMailbox(name: MailboxName): KnownMailbox {
  return {
    state: blankMailbox(name),
    holdings: new Map(),
    storeUids: null,
    stored: false,
    storeSubscribed: false,
    fingerprint: null,
    mailboxId: null,
  };
}
