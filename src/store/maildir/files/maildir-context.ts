import type { MailboxName } from '../../../mail/mailbox-name.js';
import type { SpoolDirectory } from '../../host-files/spool-directory.js';
import type { TrashDirectory } from '../../host-files/trash-directory.js';
import type { HeldLock, LockParty } from '../dovecot/dotlock.js';
import type { MaildirLocation } from '../layout/maildir-location.js';
import type { Delimiter } from '../layout/message-file-name-flags.js';
import type { Mailbox } from './mailbox-listing-and-uidlist.js';

/** What the operations on one mailbox share: the store they belong to. */
export type MaildirParts = {
  readonly location: MaildirLocation;
  readonly party: LockParty;
  /** Locks that are kept for several steps, by path. */
  readonly held: Map<string, HeldLock>;
  /** This and the trash are the host's, on the file system of the store. */
  readonly spool: SpoolDirectory;
  readonly trash: TrashDirectory;
  /** Paths written since the last sync, for where they have to be synced one by one. */
  readonly written: Set<string>;
  /** A new base name, with `fields` such as `,S=1` at its end. */
  readonly freshBase: (fields: string) => string;
  /** 32 random hex digits. */
  readonly newMailboxGuid: () => string;
  /** Does a Dovecot serve this store? Some mailbox has a UID list then. */
  readonly isDovecots: () => boolean;
  /** What stands before the flags of files that are delivered to the mailbox, or get the first of theirs. */
  readonly delimiterFor: (mailbox: Mailbox) => Delimiter;
  /** The mailbox of that name, where it is or would be; `problem` says why it cannot be here. */
  readonly mailbox: (name: MailboxName) => Mailbox | { readonly problem: string };
};
