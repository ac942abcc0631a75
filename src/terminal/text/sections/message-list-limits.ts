import type { MailboxName } from '../../../mail/mailbox-name.js';
import { counted, listed, quoted } from '../../format/format-amounts.js';

/** Entries of one kind shown before the rest is only counted; --verbose shows all. */
export const entriesShownMax = 8;

/** Rows of a table of messages shown before the others are only counted; --verbose shows all. */
export const rowsShownMax = 40;

/** Digits of a guid that stand for a message: `--message` takes them. */
export const guidDigitsShown = 8;

/** Mailboxes that a summary names; more are only counted. */
const namesShownMax = 3;

/** Where these messages are: `INBOX and Work`, or `7 mailboxes`. */
export function mailboxesOf(messages: readonly { readonly mailbox: MailboxName }[]): string {
  const names = [...new Set(messages.map(({ mailbox }) => quoted(mailbox)))];
  return names.length > namesShownMax ? counted(names.length, 'mailbox', 'mailboxes') : listed(names);
}
