import type { FileStamp } from '../../../mail/file-change-stamp.js';
import type { Flag } from '../../../mail/flags.js';
import type { Trouble } from '../../../mail/item-trouble.js';

/** UIDVALIDITY and UIDNEXT of a mailbox. */
export type Uids = { readonly uidValidity: number; readonly uidNext: number };

/** What goes into the outcome whatever it is. */
export type ChangeNotes = {
  readonly troubles: Trouble[];
  readonly unstorable: Set<Flag>;
  readonly files: Map<string, FileStamp>;
};
