import type { DeleteLimit } from '../../replica/delete-limit.js';

/** What an import may do, and of which mailboxes. */
export type ImportOptions = {
  readonly dryRun: boolean;
  /** Patterns of mailbox names; none takes all. */
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
  /** So many messages may be expunged, whatever `allowExpunge` says; left out, any number. */
  readonly deleteMax?: DeleteLimit;
  /** Tell of each message, with sender and subject: texts of the bundles are read for it, also in a dry run. */
  readonly details?: boolean;
};
