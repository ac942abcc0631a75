import type { BodySum } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';

/** What a text turned out to be. */
type TrashedText = SizedText & { readonly body: BodySum };

/**
 * Where this host keeps the texts of messages that `MailStore.change` expunged, each once, until `drop`; and what
 * `MailStore.replaceText` put aside. It is the host's, whatever kind of store it has; where that has files, the trash
 * lies on their file system, so that an expunge is a rename. Nobody else sees what is in it. Every method may be
 * repeated. Throws `io` where the disk fails.
 */
export interface Trash {
  /** Keeps what a message holds, as it is stored, for stores that have no file to give. Durable when it comes back. */
  keep(guid: Guid, stored: Uint8Array): Promise<void>;

  /** The texts that lie there, whole or not. */
  guids(): Promise<ReadonlySet<Guid>>;

  /**
   * Up to `bytesMax` bytes of the beginning of one as it is stored, unpacked, to show what it is; null where it is not
   * there or cannot be read.
   */
  beginning(guid: Guid, bytesMax: number): Promise<Uint8Array | null>;

  /**
   * Puts a text into the spool as well, without needing room for it where that is possible. Answers what the canonical
   * text is; throws `store-damaged` where it is not there, cannot be read, or is another text than it should be.
   */
  copyToSpool(guid: Guid): Promise<TrashedText>;

  /** Removes every text but those of `keep`. */
  drop(keep: ReadonlySet<Guid>): Promise<void>;

  /** Names of what `MailStore.replaceText` has put aside: what was damaged, each until `dropSetAside`. */
  setAside(): Promise<ReadonlySet<string>>;

  /** Removes those named, as far as they are there. */
  dropSetAside(names: ReadonlySet<string>): Promise<void>;
}
