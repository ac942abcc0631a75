import type { MailStore } from './mail-store.js';
import type { Spool } from './spool.js';
import type { Trash } from './trash.js';

/** A store that was opened, with what this host keeps for it: where it delivers from, and what it expunges into. */
export type OpenedStore = { readonly store: MailStore; readonly spool: Spool; readonly trash: Trash };
