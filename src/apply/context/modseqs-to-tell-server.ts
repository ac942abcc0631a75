import type { Catalog } from '../../catalog/interface/catalog.js';
import type { ModseqDuty } from '../../catalog/interface/modseq-catalog.js';
import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';

const key = 'unforgotten';

/**
 * What the mail server can be told now. It does not forget the expunges of a mailbox that has no message (`MailServer.raiseModseqs`): that waits until there is one.
 * Meanwhile clients see that nothing is there.
 */
export function dueModseqs(catalog: Catalog): readonly ModseqDuty[] {
  const due = new Map(catalog.modseqDuties().map((duty) => [duty.mailbox, duty]));
  const unforgotten = unforgottenMailboxes(catalog);
  if (unforgotten.length > 0) {
    const empty = new Set(
      catalog
        .summaries()
        .flatMap(({ stored, state, messages, waiting }) => (stored && messages === waiting ? [state.name] : [])),
    );
    for (const mailbox of unforgotten.filter((name) => !empty.has(name))) {
      due.set(mailbox, { ...(due.get(mailbox) ?? { mailbox, above: 0, births: new Set() }), isBehind: true });
    }
  }
  return [...due.values()];
}

/** Commits (or adds to the open transaction) whether the server has still to forget what was expunged in this mailbox. */
export function noteUnforgotten(catalog: Catalog, mailbox: MailboxName, isUnforgotten: boolean): void {
  const before = unforgottenMailboxes(catalog);
  if (before.includes(mailbox) === isUnforgotten) return;
  const after = isUnforgotten ? [...before, mailbox] : before.filter((name) => name !== mailbox);
  catalog.setNote(key, after.length === 0 ? null : JSON.stringify(after));
}

/** At most the mailboxes that were here in the last run with anything to tell. */
function unforgottenMailboxes(catalog: Catalog): MailboxName[] {
  const note = catalog.note(key);
  if (note === null) return [];
  const names: unknown = JSON.parse(note);
  invariant(Array.isArray(names) && names.every((name) => typeof name === 'string'), `the note ${key} is not a list`);
  return names;
}
