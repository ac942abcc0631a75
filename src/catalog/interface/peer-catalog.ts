import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { Ranges } from '../../replica/number-ranges.js';
import type { Clock } from '../../replica/version-vector.js';

/** What is known of another host, from its own bundles, or from what others passed on of them. */
export type Peer = {
  readonly hostId: HostId;
  readonly hostName: string;
  /**
   * The number of the last of its bundles that was taken in, and when (seconds since 1970; for people only); 0 and null
   * before the first.
   */
  readonly lastNumber: number;
  readonly lastHeardS: number | null;
  /** Its bundles that were taken in completely. */
  readonly taken: Ranges;
  /** Which of this host's bundles it has taken in, as its own last bundle says. */
  readonly heard: Ranges;
  /** Its clock of each mailbox, as its own last bundle says. */
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  /** What it has taken in of this host's bundles beyond that: it may be limiting this host. */
  readonly heardOfUs: ReadonlyMap<MailboxName, Clock>;
  /** What its bundles said while it was limited here, taken or not. */
  readonly told: ReadonlyMap<MailboxName, Clock>;
  /** Texts it asked for in its last bundle. */
  readonly wanted: ReadonlySet<Guid>;
  /** Hosts whose bundles it reads, and that had not read one of its own when it wrote its last. */
  readonly unheard: ReadonlySet<HostId>;
  /** The newest statement of each host that it holds, as its own last bundle says. */
  readonly statements: ReadonlyMap<HostId, HeldStatement>;
  /** Has a bundle of its own ever come here? */
  readonly isDirect: boolean;
};

/** A statement by its number and its digest, 32 hex digits. */
type HeldStatement = { readonly number: number; readonly digest: string };

/** What is known of the other hosts of the account by their bundles. */
export interface PeerCatalog {
  /** Every host that anything here names, or ever named. */
  knownHosts(): HostId[];
  /** By name. Not all are recipients: of some only what others need to know is kept. */
  peers(): Peer[];
  putPeer(peer: Peer): void;
  /** Forgets a host of which only others have spoken. */
  dropRelayedPeer(host: HostId): void;
}
