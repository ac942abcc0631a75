import type { Catalog } from '../catalog/catalog.js';
import { invariant } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';

const key = 'unsettled';

/** Mailboxes whose store was about to be changed when the catalog was last committed. Empty after a run that ended well. */
export function unsettledMailboxes(catalog: Catalog): MailboxName[] {
  const note = catalog.note(key);
  if (note === null) return [];
  const names: unknown = JSON.parse(note);
  invariant(Array.isArray(names) && names.every((name) => typeof name === 'string'), `the note ${key} is not a list`);
  return names;
}

/** Commits (or adds to the open transaction) the list of mailboxes that are about to be changed. */
export function writeUnsettled(catalog: Catalog, mailboxes: readonly MailboxName[]): void {
  if (mailboxes.length === 0 && catalog.note(key) === null) return;
  catalog.setNote(key, mailboxes.length === 0 ? null : JSON.stringify(mailboxes));
}
