import type { HostId } from '../../replica/host-id.js';
import type { Right } from '../../replica/peer-permission.js';

/** Another host whose identity card the user has accepted. */
export type PairedHost = {
  readonly hostId: HostId;
  /** What it is called here: no two of an account are called the same. */
  readonly name: string;
  /** Its Ed25519 key as OpenSSH writes it: `ssh-ed25519 AAAA...`. */
  readonly signingKey: string;
  /** `age1...` */
  readonly ageRecipient: string;
  readonly right: Right;
  /** Nothing of it is taken any more, and nothing is sealed to it. */
  readonly isRevoked: boolean;
  /**
   * It goes on under another id: what it wrote before is still taken, but nothing is sealed to it, and nobody waits for
   * what it has.
   */
  readonly isRetired: boolean;
  readonly pairedAtS: number;
};

/** The hosts whose cards the user has accepted, with what each may do. */
export interface PairedHostCatalog {
  /** By name, also those that were revoked. */
  pairedHosts(): PairedHost[];
  putPairedHost(host: PairedHost): void;
}
