/** What can go wrong, by kind. The exit status of each is decided in one place, `cli/context/exit-status.ts`. */
export type FailureCode =
  | 'usage'
  | 'config'
  | 'bundle-damaged'
  | 'bundle-not-understood'
  | 'bundle-not-for-us'
  | 'untrusted' // from a host that was never paired, or is not who it says
  | 'unpaired' // nobody is known to seal it to
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

/**
 * What is never the trouble of one thing among many: somebody stopped the run, its own reasoning is wrong, or all of
 * the mail is gone.
 */
const endingCodes: ReadonlySet<FailureCode> = new Set(['interrupted', 'internal', 'store-absent']);

/** The one error class. `message` names what was being done and to what; `hint` names the next command or step. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly hint: string | undefined;
  /**
   * Does it end the run, whatever was being done? By its code, or where whoever met it knows, as of the catalog,
   * without which nothing goes on.
   */
  readonly endsRun: boolean;

  constructor(
    code: FailureCode,
    message: string,
    { hint, cause, endsRun = false }: { hint?: string; cause?: unknown; endsRun?: boolean } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = hint;
    this.endsRun = endsRun || endingCodes.has(code);
  }
}

/**
 * Is this the trouble of one thing among many (a message, a mailbox, a bundle, a card, a directory), so that it can be
 * told of and the rest goes on? With `codes`: and one of those. It is not where the run was interrupted, an invariant
 * is broken, or what was thrown is no Failure at all and so nothing that anybody foresaw. Every catch that goes on asks
 * this.
 */
export function isOfOneThing(cause: unknown, ...codes: readonly FailureCode[]): cause is Failure {
  return cause instanceof Failure && !cause.endsRun && (codes.length === 0 || codes.includes(cause.code));
}

/** Was somebody asked to stop? Node's own functions that take a signal say so with an error of their own. */
export function isInterruption(cause: unknown): boolean {
  return cause instanceof Failure
    ? cause.code === 'interrupted'
    : cause instanceof Error && cause.name === 'AbortError';
}

/** Stops the program where its own reasoning is wrong; never used for bad input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Failure('internal', `internal error: ${message}`);
}
