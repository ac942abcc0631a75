import type { HostId } from '../../replica/host-id.js';

/** What became of this host's place in an account. */
export type AccountReport = {
  readonly kind: 'account';
  /** Null where the answer was no. */
  readonly done: 'renamed' | 'relocated' | 'undone' | null;
  readonly account: string;
  readonly hostId: HostId;
  readonly hostName: string;
  readonly formerName: string;
  readonly store: string;
  readonly formerStore: string;
  /** Names of the paired hosts, which go on calling this one as before, or go on waiting for it. */
  readonly peers: readonly string[];
  /** What was kept of the catalog, where it was put aside. */
  readonly kept: string | null;
};
