import type { Catalog } from '../catalog/catalog.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { type KnownMailbox, unknownMailbox } from '../replica/known-mailbox.js';

/** The mailboxes as one run sees them: read from the catalog when first asked for, written back when put. */
export type WorkingCopy = {
  get(mailbox: MailboxName): KnownMailbox;
  /** Writes what differs from the last `get` or `put` into the catalog's open transaction. */
  put(after: KnownMailbox): void;
};

/** A working copy of what `catalog` holds. It is worthless after a rollback: make a new one. */
export function workingCopyOf(catalog: Catalog): WorkingCopy {
  const before = new Map<MailboxName, KnownMailbox | null>();
  const load = (mailbox: MailboxName): KnownMailbox | null => {
    const seen = before.get(mailbox);
    if (seen !== undefined) return seen;
    const loaded = catalog.load(mailbox);
    before.set(mailbox, loaded);
    return loaded;
  };
  return {
    get: (mailbox) => load(mailbox) ?? unknownMailbox(mailbox),
    put(after) {
      const known = load(after.state.name);
      if (known === after) return;
      catalog.save(known, after);
      before.set(after.state.name, after);
    },
  };
}
