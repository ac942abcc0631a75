/** What a store takes from its surroundings. */
export type StoreContext = {
  /** The user's home directory, for `~`. */
  readonly home: string;
  /** As gethostname(2) says: it stands in locks and file names, and Dovecot compares it with its own. */
  readonly hostName: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Where the catalog of the account is; null, or left out, where there is none yet. */
  readonly accountDirectory?: string | null;
  /** Ends waiting for locks, and reading. */
  readonly signal?: AbortSignal;
  /** How Dovecot's `doveadm` is run; empty, or left out: not at all. */
  readonly doveadm?: readonly string[];
};
