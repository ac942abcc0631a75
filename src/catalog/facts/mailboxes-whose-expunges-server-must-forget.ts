import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { readList, writeJson } from './json-fact.js';

const key = 'unforgotten';

/**
 * Mailboxes of which the mail server has still to forget what was expunged. At most those that were here in the last
 * run with anything to tell.
 */
export function unforgottenMailboxes(catalog: FactCatalog): readonly MailboxName[] {
  return readList(catalog, key).map((name) => {
    invariant(typeof name === 'string', `the note ${key} is not a list of mailboxes`);
    return name;
  });
}

/** Commits (or adds to the open transaction) whether the server has still to forget what was expunged in this one. */
export function noteUnforgotten(catalog: FactCatalog, mailbox: MailboxName, isUnforgotten: boolean): void {
  const before = unforgottenMailboxes(catalog);
  if (before.includes(mailbox) === isUnforgotten) return;
  const after = isUnforgotten ? [...before, mailbox] : before.filter((name) => name !== mailbox);
  writeJson(catalog, key, after.length === 0 ? null : after);
}
