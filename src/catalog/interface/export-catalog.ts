import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock } from '../../replica/version-vector.js';

/** A bundle this host has written. */
export type Exported = {
  readonly number: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Hash of the file's beginning and end, to see cheaply whether it lies intact in a directory. */
  readonly imprint: string;
  readonly madeAtS: number;
  /** Who can take it in; empty: anyone in the account. */
  readonly recipients: ReadonlySet<HostId>;
  /** Only of the mailboxes it has news of. */
  readonly base: ReadonlyMap<MailboxName, Clock>;
  /**
   * What whoever knew the base knows of those mailboxes after it: less than this host does, where it told of a part.
   */
  readonly carried: ReadonlyMap<MailboxName, Clock>;
  /** Of every mailbox: what this bundle said this host knows. */
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  readonly wanted: ReadonlySet<Guid>;
  readonly answered: ReadonlySet<Guid>;
  readonly unheard: ReadonlySet<HostId>;
  /** What it passed on of others, as a digest of each statement. */
  readonly relayed: ReadonlyMap<HostId, string>;
  /**
   * The number of the newest bundle of this host when this one was written, or was last noted to lie whole in a
   * directory.
   */
  readonly lastSeen: number;
};

/** The bundles that this host has written, and their numbers. */
export interface ExportCatalog {
  /** The bundles written and not known to be superseded, by ascending number. */
  exports(): Exported[];
  /**
   * Their numbers alone, ascending: a hundred bundles that tell of a thousand mailboxes each take half a second to
   * read.
   */
  exportNumbers(): number[];
  putExport(exported: Exported): void;
  dropExport(number: number): void;
  /** The bundle written last, also when it is superseded by now; null before the first. */
  lastExport(): { readonly number: number; readonly madeAtS: number } | null;
  /** The number for the next bundle; never the same twice, also after a bundle that was never finished. */
  takeNumber(): number;
  /** The highest number ever taken; 0 before the first. */
  lastNumber(): number;
}
