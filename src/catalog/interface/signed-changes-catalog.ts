import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { Clock, Tick } from '../../replica/version-vector.js';

/**
 * What a host has signed that it did: its own entry in each clock of its statement of this number. Mailboxes in which
 * it did nothing are missing.
 */
export type SignedDeeds = { readonly number: number; readonly ticks: ReadonlyMap<MailboxName, Tick> };

/** How far what each host did is signed by it. */
export interface SignedChangesCatalog {
  /**
   * The number of the newest statement of each host, this one included, of which it is remembered what it signed that
   * it did.
   */
  signedNumbers(): ReadonlyMap<HostId, number>;
  /**
   * What the host had signed that it did up to its statement of this number: as it stands in that, or in the first
   * after it that is remembered, which says as much or more. Null where the number is above all that is known.
   */
  signedUpTo(host: HostId, number: number): SignedDeeds | null;
  putSigned(host: HostId, deeds: SignedDeeds): void;
  dropSigned(host: HostId): void;
  /** What was known when nobody had signed anything yet: the clocks of a catalog of 0.1. */
  unsignedClocks(): ReadonlyMap<MailboxName, Clock>;
  /** Forgets what was known of a host then. */
  dropUnsigned(host: HostId): void;
}
