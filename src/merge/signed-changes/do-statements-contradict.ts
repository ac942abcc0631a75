import type { MailboxName } from '../../mail/mailbox-name.js';
import { coversTick, type Tick, zeroTick } from '../../replica/version-vector.js';

// Equivocation: a host that tells two stories, one to some and another to others. Be it that it lies, that its catalog
// was restored from a backup, or that its disk was copied: what went by one name here and there are different things
// (mrepl-sync(7), Two stories of one host).

/** A statement as far as it can contradict another one of the same host. */
export type Told = {
  readonly number: number;
  /** Of the statement itself. */
  readonly digest: string;
  /** By number, the digests of the statements that its maker says it made before. */
  readonly before: ReadonlyMap<number, string>;
  /** What its maker says that it did itself, by mailbox. */
  readonly ticks: ReadonlyMap<MailboxName, Tick>;
};

/**
 * Why two statements, both signed by one host, cannot both be of one history of it; null where they can. A host makes
 * one statement of each number, says in each which ones it made before, and never forgets what it did.
 */
export function contradiction(a: Told, b: Told): { readonly number: number } | null {
  const [early, late] = a.number <= b.number ? [a, b] : [b, a];
  if (early.number === late.number) return early.digest === late.digest ? null : { number: early.number };
  for (const [number, digest] of [...early.before, [early.number, early.digest] as const]) {
    const other = late.before.get(number);
    if (other !== undefined && other !== digest) return { number };
  }
  const isForgotten = [...early.ticks].some(
    ([mailbox, tick]) => !coversTick(late.ticks.get(mailbox) ?? zeroTick, tick),
  );
  return isForgotten ? { number: late.number } : null;
}
