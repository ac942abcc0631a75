import type { HostId } from '../../replica/host-id.js';

/** Who this host is in this account; laid down by `init`, and anew by `rejoin`. */
export type Identity = {
  readonly hostId: HostId;
  /** For people and file names: lower-case letters, digits and dashes. */
  readonly hostName: string;
  readonly account: string;
  /** The store as the user named it: `maildir:/home/alice/Maildir`. */
  readonly store: string;
};

/** Who this host is. */
export interface IdentityCatalog {
  readonly identity: Identity;
  /**
   * From now on this host is another one, is called otherwise, or has its mail elsewhere; what it was stays in what
   * others and it itself have recorded.
   */
  putIdentity(identity: Omit<Identity, 'account'>): void;
}
