import { unforgottenMailboxes } from '../../catalog/facts/mailboxes-whose-expunges-server-must-forget.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { ModseqCatalog, ModseqDuty } from '../../catalog/interface/modseq-catalog.js';

/**
 * What the mail server can be told now. It does not forget the expunges of a mailbox that has no message
 * (`MailServer.raiseModseqs`): that waits until there is one. Meanwhile clients see that nothing is there.
 */
export function dueModseqs(catalog: ModseqCatalog & MailboxCatalog & FactCatalog): readonly ModseqDuty[] {
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
