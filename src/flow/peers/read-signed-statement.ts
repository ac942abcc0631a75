import type { Said, SignedStatement, Statement } from '../../bundle/format/bundle-contents.js';
import { decodeStatement, signerOf } from '../../bundle/format/signed-statement-json.js';
import type { SignedDeeds } from '../../catalog/interface/signed-changes-catalog.js';
import { isOfOneThing } from '../../failure.js';

/** What a statement says. key: that of its signature; null where the signature is not one of this text. */
export type ReadStatement = { readonly statement: Statement; readonly key: string | null };

/** Why it is not to be used, as a sentence without its end: it is no statement, or of another account. */
export type StrangeStatement = { readonly strange: string };

/** What was read already: an import asks twice of each, who told two stories and what is to be kept. */
const alreadyRead = new WeakMap<SignedStatement, ReadStatement | { readonly notUnderstood: string }>();

/**
 * Reads a signed statement of this account, and checks its signature, once for each object (mrepl-bundle(5),
 * STATEMENTS).
 */
export function readSigned(signed: SignedStatement, account: string): ReadStatement | StrangeStatement {
  const known = alreadyRead.get(signed);
  const found = known ?? readAnew(signed);
  if (known === undefined) alreadyRead.set(signed, found);
  if ('notUnderstood' in found) return { strange: found.notUnderstood };
  if (found.statement.account === account) return found;
  return { strange: `a statement is of the account ${found.statement.account}` };
}

function readAnew(signed: SignedStatement): ReadStatement | { readonly notUnderstood: string } {
  try {
    return { statement: decodeStatement(signed.text), key: signerOf(signed) };
  } catch (cause) {
    if (!isOfOneThing(cause, 'bundle-not-understood')) throw cause;
    return { notUnderstood: cause.message };
  }
}

/** What a host says in a statement that it did itself. */
export function deedsIn({ from, number, clocks }: Pick<Said, 'from' | 'number' | 'clocks'>): SignedDeeds {
  const ticks = [...clocks].flatMap(([mailbox, clock]) => {
    const tick = clock.get(from.hostId);
    return tick === undefined ? [] : [[mailbox, tick] as const];
  });
  return { number, ticks: new Map(ticks) };
}
