import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import type { MailboxCatalog, MailboxSummary } from '../interface/mailbox-catalog.js';
import { readList, writeJson } from './json-fact.js';

const key = 'unsettled';

/**
 * Mailboxes whose store was about to be changed when the catalog was last committed. Empty after a run that ended well.
 */
export function unsettledMailboxes(catalog: FactCatalog): readonly MailboxName[] {
  return readList(catalog, key).map((name) => {
    invariant(typeof name === 'string', `the note ${key} is not a list of mailboxes`);
    return name;
  });
}

/**
 * Mailboxes with work left for this run: those an earlier one did not come to the end of, and all that could not be
 * made, or removed, so far.
 */
export function mailboxesToSettle(catalog: FactCatalog & MailboxCatalog): MailboxName[] {
  const misplaced = catalog.summaries().filter(isMisplaced);
  return [...new Set([...unsettledMailboxes(catalog), ...misplaced.map(({ state }) => state.name)])];
}

/** Is the mailbox to be here while the store was not seen to hold it, or the other way round? */
export function isMisplaced({ stored, state, messages }: MailboxSummary): boolean {
  return stored !== (state.exists.on || messages > 0);
}

/** Commits (or adds to the open transaction) the list of mailboxes that are about to be changed. */
export function writeUnsettled(catalog: FactCatalog, mailboxes: readonly MailboxName[]): void {
  writeJson(catalog, key, mailboxes.length === 0 ? null : mailboxes);
}

/** Adds mailboxes to that list. */
export function addUnsettled(catalog: FactCatalog, mailboxes: readonly MailboxName[]): void {
  if (mailboxes.length > 0) writeUnsettled(catalog, [...new Set([...unsettledMailboxes(catalog), ...mailboxes])]);
}
