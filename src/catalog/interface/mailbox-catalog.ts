import type { FlagSpelling, Spellings } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { Clock } from '../../replica/version-vector.js';

/**
 * How many keywords are remembered in a spelling of their own. Inclusive. Nobody has so many; what is beyond is shown,
 * and made in stores, in lower case.
 */
export const spellingsMax = 10_000;

/** A mailbox without its messages: cheap to read for all mailboxes at every run. */
export type MailboxSummary = Omit<KnownMailbox, 'state' | 'holdings'> & {
  readonly state: Omit<KnownMailbox['state'], 'instances' | 'ledger'>;
  readonly messages: number;
  /** Instances whose text is not in the store: no holding, or one whose delivery has not been seen. */
  readonly waiting: number;
  /** Holdings whose instance is not alive any more, and whose file is therefore still to be removed. */
  readonly leftovers: number;
};

/** Mailboxes with their messages, as they should be and as the store was last seen to hold them. */
export interface MailboxCatalog {
  summaries(): MailboxSummary[];
  /** How many messages of a mailbox are not known to whoever has this clock of it; reads none of them. */
  countBeyond(mailbox: MailboxName, clock: Clock): number;
  /** Null where the mailbox was never heard of. Numbers, names and JSON read back are parsed, not trusted. */
  load(mailbox: MailboxName): KnownMailbox | null;
  /** Writes what differs from `before`, which must be what `load` gave (compared by object identity) or null. */
  save(before: KnownMailbox | null, after: KnownMailbox): void;
  /** How keywords are spelt, as far as somebody was seen to spell them in capitals. */
  spellings(): Spellings;
  /**
   * Of a keyword the first spelling is kept. Those in lower case, and more than `spellingsMax` in all, are passed over.
   */
  noteSpellings(spellings: readonly FlagSpelling[]): void;
}
