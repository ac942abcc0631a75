import type { DeleteLimit } from '../../replica/delete-limit.js';
import type { NewMediumPolicy } from '../medium/ask-before-new-medium.js';
import type { TextPolicy } from './compose-bundle.js';

/** What a user may ask of an export, apart from where it goes. */
export type ExportOptions = {
  readonly dryRun: boolean;
  /** Say everything, whatever the peers are known to have. */
  readonly full: boolean;
  readonly texts: TextPolicy;
  /** Not sealed: whoever has the bundle can read it. */
  readonly plain: boolean;
  /** Patterns of mailbox names; none takes all. */
  readonly mailboxes: readonly string[];
  readonly allowExpunge: boolean;
  /** So many deletions may be passed on, whatever `allowExpunge` says; left out, any number. */
  readonly deleteMax?: DeleteLimit;
  /** Bytes that all bundles of this run together may have; left out, as many as there is room for. */
  readonly maxBytes?: number;
  /** Tell of each message, with sender and subject. */
  readonly details?: boolean;
  /** Left out, any directory becomes a medium. */
  readonly newMedium?: NewMediumPolicy;
};
