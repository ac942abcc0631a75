import type { BodySum } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';

/** What a text turned out to be. */
export type TrashedText = SizedText & { readonly body: BodySum };

/**
 * What a store keeps of the messages that `MailStore.change` expunged: their texts, each once, until `drop`. Nobody
 * else sees them. Every method may be repeated.
 */
export interface StoreTrash {
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
  spool(guid: Guid): Promise<TrashedText>;

  /** Removes every text but those of `keep`. */
  drop(keep: ReadonlySet<Guid>): Promise<void>;

  /** Names of the files that `MailStore.replaceText` has put aside: what was damaged, each until `dropSetAside`. */
  setAside(): Promise<ReadonlySet<string>>;

  /** Removes those named, as far as they are there. */
  dropSetAside(names: ReadonlySet<string>): Promise<void>;
}
