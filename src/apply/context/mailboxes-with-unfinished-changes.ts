import type { Catalog } from '../../catalog/interface/catalog.js';
import type { MailboxSummary } from '../../catalog/interface/mailbox-catalog.js';
import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';

const key = 'unsettled';

/** Mailboxes whose store was about to be changed when the catalog was last committed. Empty after a run that ended well. */
export function unsettledMailboxes(catalog: Catalog): MailboxName[] {
  const note = catalog.note(key);
  if (note === null) return [];
  const names: unknown = JSON.parse(note);
  invariant(Array.isArray(names) && names.every((name) => typeof name === 'string'), `the note ${key} is not a list`);
  return names;
}

/**
 * Mailboxes with work left for this run: those an earlier one did not come to the end of, and all that could not be made, or removed, so far.
 */
export function mailboxesToSettle(catalog: Catalog): MailboxName[] {
  const misplaced = catalog.summaries().filter(isMisplaced);
  return [...new Set([...unsettledMailboxes(catalog), ...misplaced.map(({ state }) => state.name)])];
}

/** Is the mailbox to be here while the store was not seen to hold it, or the other way round? */
export function isMisplaced({ stored, state, messages }: MailboxSummary): boolean {
  return stored !== (state.exists.on || messages > 0);
}

/** Commits (or adds to the open transaction) the list of mailboxes that are about to be changed. */
export function writeUnsettled(catalog: Catalog, mailboxes: readonly MailboxName[]): void {
  if (mailboxes.length === 0 && catalog.note(key) === null) return;
  catalog.setNote(key, mailboxes.length === 0 ? null : JSON.stringify(mailboxes));
}

/** Adds mailboxes to that list. */
export function addUnsettled(catalog: Catalog, mailboxes: readonly MailboxName[]): void {
  if (mailboxes.length > 0) writeUnsettled(catalog, [...new Set([...unsettledMailboxes(catalog), ...mailboxes])]);
}
