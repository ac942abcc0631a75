import type { Guid } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';

/**
 * Where this host keeps texts that have arrived, until a store delivers them from there or `drop` clears it. It is the
 * host's, whatever kind of store it has; where that has files, the spool lies on their file system, so that a delivery
 * is a rename. Every method may be repeated. Throws `io` where the disk fails.
 */
export interface Spool {
  /** Keeps a canonical text. Not durable before `sync`. Saying it twice is saying it once. */
  put(guid: Guid, text: Uint8Array): Promise<void>;

  /** A text that lies there whole, for stores that take no files; null where there is none. */
  read(guid: Guid): Promise<Uint8Array | null>;

  /** The texts that lie there whole: after a crash, those put there before the last `sync` can be relied upon. */
  texts(): Promise<readonly SizedText[]>;

  /** Removes every text but those of `keep`. */
  drop(keep: ReadonlySet<Guid>): Promise<void>;

  /** Makes what was put there durable: one sync for all of it. */
  sync(): Promise<void>;
}
