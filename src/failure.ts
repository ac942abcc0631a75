/**
 * What can go wrong, by kind. The exit status of each is decided in one place, `cli/exit-status.ts`.
 */
export type FailureCode =
  | 'usage'
  | 'config'
  | 'bundle-damaged'
  | 'bundle-not-understood'
  | 'bundle-not-for-us'
  | 'untrusted' // from a host that was never paired, or is not who it says
  | 'revoked' // from a host that nothing is taken of any more
  | 'identity' // a cloned host or a rolled back catalog
  | 'store-absent'
  | 'store-damaged'
  | 'not-taken' // a text packed in a way that is not read here
  | 'medium-absent'
  | 'medium-lost' // removed or failing while it was used
  | 'medium-full'
  | 'cannot-create'
  | 'io'
  | 'locked'
  | 'guard' // a guard against mass deletion stopped the run
  | 'interrupted'
  | 'internal';

/** The one error class. `message` names what was being done and to what; `hint` names the next command or step. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | undefined;

  constructor(code: FailureCode, message: string, details: { hint?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = details.hint;
  }
}

/** Stops the program where its own reasoning is wrong; never used for bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Failure('internal', `internal error: ${message}`);
}
