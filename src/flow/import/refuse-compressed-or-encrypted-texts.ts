import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Container } from '../../mail/packed/container-kinds.js';
import { refusedIn } from '../../mail/packed/unreadable-file-reasons.js';
import type { Guid } from '../../mail/text/text-guid.js';

/**
 * Remembers, in the open transaction, texts that begin like a container and are therefore not taken: a store would keep
 * them as one. Answers what is to be said of it, once, by mailbox. Their messages stay without a text.
 */
export function refuseTexts(
  catalog: TextCatalog,
  texts: ReadonlyMap<Guid, Container>,
): ReadonlyMap<MailboxName, readonly Trouble[]> {
  if (texts.size === 0) return new Map();
  catalog.noteImpossible(texts.keys());
  const found = new Map<MailboxName, Container[]>();
  for (const [guid, container] of texts) {
    for (const { mailbox, guid: named } of catalog.birthsOf({ guid })) {
      if (named !== guid) continue;
      const list = found.get(mailbox);
      if (list === undefined) found.set(mailbox, [container]);
      else list.push(container);
    }
  }
  return new Map(
    [...found].map(([mailbox, containers]) => [
      mailbox,
      [{ subject: mailbox, failure: refusedIn(mailbox, containers) }],
    ]),
  );
}
