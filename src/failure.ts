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
  /** The hint with its commands as parts of their own. */
  readonly advice: Advice | undefined;
  /**
   * Does it end the run, whatever was being done? By its code, or where whoever met it knows, as of the catalog,
   * without which nothing goes on.
   */
  readonly endsRun: boolean;

  constructor(
    code: FailureCode,
    message: string,
    { hint, cause, endsRun = false }: { hint?: string | Advice; cause?: unknown; endsRun?: boolean } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Failure';
    this.code = code;
    this.hint = hint?.toString();
    this.advice = typeof hint === 'string' ? new Advice([hint]) : hint;
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

/** A command that somebody is to type: its words as they are, to be quoted where it is shown. */
type Typed = { readonly words: readonly string[] };

/**
 * What is to be done, in sentences and commands. Commands are parts of their own, so that no name within a sentence,
 * whoever chose it, is ever shown as one.
 */
export class Advice {
  readonly parts: readonly (string | Typed)[];

  constructor(parts: readonly (string | Typed)[]) {
    this.parts = parts;
  }

  /** For programs: each command on a line of its own, which begins with two blanks. */
  toString(): string {
    const texts = this.parts.map((part) => (typeof part === 'string' ? part.trim() : `  ${commandText(part)}`));
    return texts.filter((text) => text !== '').join('\n');
  }

  toJSON(): string {
    return this.toString();
  }
}

/**
 * Puts advice together: `advice`To take it up: ${typed('mrepl', 'pair', 'DIR')}``. What stands before a command ends
 * with a colon, and what follows it begins a sentence.
 */
export function advice(texts: readonly string[], ...values: readonly (string | Typed | Advice)[]): Advice {
  const parts: (string | Typed)[] = [];
  const add = (part: string | Typed): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  for (const [index, text] of texts.entries()) {
    add(text);
    const value = values[index];
    if (value instanceof Advice) for (const part of value.parts) add(part);
    else if (value !== undefined) add(value);
  }
  return new Advice(parts);
}

/** A command that is to be typed, by its words; a pipe and a redirection are words of their own. */
export function typed(...words: readonly string[]): Typed {
  return { words };
}

/** A command as a shell takes it. */
export function commandText({ words }: Typed): string {
  return words.map(shellWord).join(' ');
}

/** A word of a command line, in single quotes where a shell would make something else of it; a first `~` stays. */
export function shellWord(word: string): string {
  if (word === '|' || word === '>') return word;
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
