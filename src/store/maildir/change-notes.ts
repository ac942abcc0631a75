import type { FileStamp } from '../../mail/file-stamp.js';
import type { Flag } from '../../mail/flag.js';
import type { Trouble } from '../../mail/trouble.js';

/** UIDVALIDITY and UIDNEXT of a mailbox. */
export type Uids = { readonly uidValidity: number; readonly uidNext: number };

/** What goes into the outcome whatever it is. */
export type ChangeNotes = {
  readonly troubles: Trouble[];
  readonly unstorable: Set<Flag>;
  readonly files: Map<string, FileStamp>;
};
