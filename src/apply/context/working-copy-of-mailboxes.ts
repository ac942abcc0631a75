import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { type KnownMailbox, unknownMailbox } from '../../replica/mailbox-state-and-stored-files.js';

/** The mailboxes as one run sees them: read from the catalog when first asked for, written back when put. */
export type WorkingCopy = {
  get(mailbox: MailboxName): KnownMailbox;
  /**
   * Writes what differs from the last `get` or `put` into the catalog's open transaction. A mailbox that nobody has
   * ever heard of is not written for having been asked for.
   */
  put(after: KnownMailbox): void;
};

/** A working copy of what `catalog` holds. It is worthless after a rollback: make a new one. */
export function workingCopyOf(catalog: MailboxCatalog): WorkingCopy {
  const before = new Map<MailboxName, KnownMailbox | null>();
  const load = (mailbox: MailboxName): KnownMailbox | null => {
    const seen = before.get(mailbox);
    if (seen !== undefined) return seen;
    const loaded = catalog.load(mailbox);
    before.set(mailbox, loaded);
    return loaded;
  };
  const blanks = new Map<MailboxName, KnownMailbox>();
  const blank = (mailbox: MailboxName): KnownMailbox => {
    const given = blanks.get(mailbox) ?? unknownMailbox(mailbox);
    blanks.set(mailbox, given);
    return given;
  };
  return {
    get: (mailbox) => load(mailbox) ?? blank(mailbox),
    put(after) {
      const known = load(after.state.name);
      if (known === after || (known === null && blanks.get(after.state.name) === after)) return;
      catalog.save(known, after);
      before.set(after.state.name, after);
    },
  };
}
