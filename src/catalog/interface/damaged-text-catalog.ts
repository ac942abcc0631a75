import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';

/** A message in the store whose file does not hold its text any more. */
export type FlawedText = {
  readonly mailbox: MailboxName;
  readonly ref: string;
  /** What it should be. */
  readonly guid: Guid;
  readonly same?: Guid;
  /** By which others know it: the message may be there in a copy with other stamped lines. */
  readonly wanted: Guid;
  /** altered: its user wrote it anew, or a program of his. damaged: anything else. */
  readonly kind: 'damaged' | 'altered';
  /** What is there instead; null where it cannot be read. */
  readonly found: Guid | null;
  /** Where it was altered: the ref that it has been given, or is about to be given, as another message. */
  readonly successor: string | null;
};

/** A flaw as it is found: the message says which text it should be. */
export type NewFlaw = Omit<FlawedText, 'guid' | 'same' | 'wanted' | 'successor'> &
  Partial<Pick<FlawedText, 'successor'>>;

/** Messages in the store whose files do not hold their texts. */
export interface DamagedTextCatalog {
  /** Of living messages, by mailbox and ref. A flaw goes with the file that has it. */
  flawedTexts(): FlawedText[];
  putFlaw(flaw: NewFlaw): void;
  dropFlaw(mailbox: MailboxName, ref: string): void;
  /**
   * The refs that altered messages of a mailbox have been given as other messages, or are about to be given, with those
   * they had.
   */
  successorsIn(mailbox: MailboxName): ReadonlyMap<string, string>;
}
