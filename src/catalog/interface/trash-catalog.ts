import type { Flag } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { BirthKey } from '../../replica/message-birth.js';

/** A message that an import expunged here. Its text is in the store's trash once the store has been changed. */
export type Trashed = {
  readonly mailbox: MailboxName;
  readonly birth: BirthKey;
  /** What its file held. */
  readonly guid: Guid;
  readonly same?: Guid;
  readonly sizeBytes: number;
  /** Under which the message was known here. */
  readonly uidValidity: number;
  readonly uid: number;
  readonly flags: ReadonlySet<Flag>;
  readonly receivedS: number;
  readonly hint: string;
  /** When the import decided it, by the clock of that moment. */
  readonly atS: number;
  /** How much time runs had seen to pass here by then, in seconds: from this its age counts, whatever clocks did. */
  readonly seenS: number;
  /** The host whose bundle said so, and that bundle. */
  readonly by: HostId;
  readonly bundle: { readonly fileName: string; readonly number: number };
};

/** Messages whose texts lie in the trash of the store. */
export interface TrashCatalog {
  addTrash(rows: readonly Trashed[]): void;
  /**
   * The oldest first: by the time seen to have passed and the time of day when they were expunged, mailbox and birth.
   */
  trash(): Trashed[];
  /** What the texts of all these messages come to, each once. */
  trashBytes(): number;
  dropTrash(rows: readonly Pick<Trashed, 'mailbox' | 'birth'>[]): void;
  /**
   * Forgets what was expunged before that much time was seen to pass; false where there was no such message, for the
   * price of one look at an index.
   */
  dropTrashBefore(seenS: number): boolean;
}
