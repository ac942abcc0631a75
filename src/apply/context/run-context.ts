import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Untaken } from '../../mail/packed/unreadable-file-reasons.js';
import type { MailStore } from '../../store/interface/mail-store.js';
import type { WorkingCopy } from './working-copy-of-mailboxes.js';

/** What a run works with. Time is a parameter: no rule of the merge depends on it, only new UIDVALIDITYs do. */
export type Bench = {
  readonly catalog: Catalog;
  readonly store: MailStore;
  readonly copy: WorkingCopy;
  readonly nowS: () => number;
  readonly signal: AbortSignal;
  /** Files that this run found not to be taken, anywhere in the store, by `MailStore.stemOf`. */
  readonly untaken: Map<string, Untaken>;
  /** Told how many messages were read or written since it was last told. */
  readonly onMessages: (count: number, bytes: number) => void;
};
