/** Where passwords and access tokens of accounts on servers can be got. */
export type SecretSurroundings = {
  /** For variables, and for programs that are run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is typed behind a question, without showing it; null where nobody sits at a terminal. */
  ask(question: string): Promise<string | null>;
  /** Takes away what is shown there, for a program that may ask something itself. */
  leaveTerminal(): void;
};

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
  /**
   * Where what belongs to a store on a server lies on this host, open to nobody else; made when it is needed. Left out
   * where no such store is opened.
   */
  readonly stateDirectory?: string;
  /** Left out: there are none. */
  readonly secrets?: SecretSurroundings;
  /** Ends waiting for locks, and reading. */
  readonly signal?: AbortSignal;
  /** How Dovecot's `doveadm` is run; empty, or left out: not at all. */
  readonly doveadm?: readonly string[];
};
