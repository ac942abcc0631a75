import type { Failure } from '../failure.js';

/** Trouble with one thing; the rest goes on. `subject` is a ref or a mailbox name. */
export type Trouble = { readonly subject: string; readonly failure: Failure };
