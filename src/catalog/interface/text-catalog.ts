import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { BirthKey } from '../../replica/message-birth.js';

/**
 * A file, and what it holds. Bytes are those of the canonical text; null where a message that is to go was seen by an
 * mrepl that kept no sizes.
 */
export type HeldCopy = TextId & {
  readonly mailbox: MailboxName;
  readonly ref: string;
  readonly sizeBytes: number | null;
};

/** Finds texts, and the messages that have them, in all mailboxes at once; and which texts are missing. */
export interface TextCatalog {
  /**
   * A message in the store that is this mail (a holding that has been seen, and has no flaw), in any mailbox, and what
   * it holds: the very text where that is there, else a copy of it with other stamped lines.
   */
  copyOf(mail: TextId): HeldCopy | null;
  /** What is known of a text that somebody names by its guid, by the messages that have it. */
  textNamed(guid: Guid): TextId;
  /** The size of the canonical text, where a message that holds it is in the store; null where there is none. */
  sizeOf(guid: Guid): number | null;
  /**
   * Every living instance of this mail, in any mailbox, with its own guid. Indexed: an export asks it for each text it
   * might send.
   */
  birthsOf(mail: TextId): { mailbox: MailboxName; birth: BirthKey; guid: Guid }[];
  /** Every message in the store that holds this mail or should, in any mailbox; the very text first. */
  filesOf(mail: TextId): { mailbox: MailboxName; ref: string }[];
  /** Every guid with a living instance that waits for its text, or has a damaged one, in all mailboxes. */
  waitingGuids(): Guid[];
  /** Those of them that can be delivered when they come: their mailbox is in the store, and they are not impossible. */
  deliverableGuids(): Guid[];
  /** What is known of these texts, for which messages wait. */
  textsNamed(guids: Iterable<Guid>): TextId[];
  /**
   * Guids of texts that came and are none: what has that hash is not in canonical form, so that nothing in a store can
   * ever have it.
   */
  impossibleGuids(): ReadonlySet<Guid>;
  /** Kept as long as a living message, here or elsewhere, is said to have that text. */
  noteImpossible(guids: Iterable<Guid>): void;
}
