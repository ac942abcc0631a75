import type { FailureCode } from '../../src/failure.js';
import type { Victim } from './victim.js';

/** A bundle that a paired host gone bad could leave on a stick, and what has to become of it. */
export type HostileCase = {
  readonly name: string;
  /** What would come of believing it. */
  readonly because: string;
  readonly make: (victim: Victim) => Promise<Buffer>;
  /** The whole bundle is refused, or the mailbox, or the texts are. */
  readonly refused: 'bundle' | 'mailbox' | 'texts';
  readonly code: FailureCode;
  readonly says: RegExp;
};
