import type { Advice, Failure } from '../../failure.js';

/**
 * What kind of thing is wrong; where two things are found by one check, they share it.
 * - `settings`: files and environment. `keys`: this host's private ones. `catalog`: what this host remembers.
 * - `store`: the mail and what lies beside it. `unsettled`: work of an earlier run that is still to be done.
 * - `damaged`, `altered`, `unread`: texts. `waiting`: messages whose text is not here.
 * - `fed`: programs fetch mail into the stores of several hosts.
 * - `not-storable`: mailboxes and keywords that this store cannot have. `peers`: other hosts.
 */
type FindingCode =
  | 'settings'
  | 'keys'
  | 'catalog'
  | 'store'
  | 'unsettled'
  | 'damaged'
  | 'altered'
  | 'unread'
  | 'waiting'
  | 'not-storable'
  | 'fed'
  | 'peers';

/** Something `doctor` found. `weight`: a fault is to be put right; a notice is worth knowing, and no reason to act. */
export type Finding = {
  readonly code: FindingCode;
  readonly weight: 'fault' | 'notice';
  /** A file, a mailbox, a message, a host. */
  readonly where: string;
  /** What is wrong, as a sentence without a full stop. */
  readonly what: string;
  /** A command or a step. */
  readonly remedy: Advice | string;
};

/** A failure as something found; `remedy` is for one that has no hint. */
export function findingOf(
  code: FindingCode,
  where: string,
  { message, advice }: Failure,
  remedy = 'Run "mrepl doctor --verbose" again once its cause is gone.',
): Finding {
  return { code, weight: 'fault', where, what: message, remedy: advice ?? remedy };
}
