import { invariant } from '../../../failure.js';
import type { Spellings } from '../../../mail/flags.js';
import type { Delivery, Expunge, FlagChange, MailboxChange } from '../../../mail/mailbox-change.js';

/** A message that gets a UID: one that is there, or one that is to be delivered. */
export type UidStep =
  | { readonly kind: 'deliver'; readonly uid: number; readonly ref: string; readonly delivery: Delivery }
  | { readonly kind: 'renumber'; readonly uid: number; readonly ref: string };

/** What is done to a mailbox under one lock. */
export type Batch = {
  /** Ascending by UID. */
  readonly uidSteps: readonly UidStep[];
  readonly setFlags: readonly FlagChange[];
  readonly expunge: readonly Expunge[];
  /** UIDNEXT afterwards: only so far that the UIDs of the next batch are not below it. */
  readonly uidNext: number;
  /** How keywords are spelt that have to be listed anew. */
  readonly spellings: Spellings;
};

/** Steps under one lock, inclusive: 2,000 renames and one rewriting of the list take about a tenth of a second. */
export const stepsPerLock = 2000;

/**
 * Cuts a change into batches: UIDs first, then flags, then expunges, as a text that is expunged may be one that is
 * delivered. At least one batch, so that UIDVALIDITY and UIDNEXT are checked and laid down. All renumbering is in the
 * first where the UID list begins anew: the old one is gone after that.
 */
export function cutBatches(change: MailboxChange, how: { newList: boolean; stepsMax?: number }): Batch[] {
  const stepsMax = how.stepsMax ?? stepsPerLock;
  const uidSteps = mergeUidSteps(change);
  const lastRenumber = how.newList ? uidSteps.findLastIndex((step) => step.kind === 'renumber') : -1;
  const batches: Batch[] = [];
  const total = uidSteps.length + change.setFlags.length + change.expunge.length;
  for (let from = 0; from < total || batches.length === 0; ) {
    const to = Math.min(total, Math.max(from + stepsMax, from === 0 ? lastRenumber + 1 : 0));
    const flagsAt = uidSteps.length;
    const expungeAt = flagsAt + change.setFlags.length;
    const now = uidSteps.slice(from, to);
    const followed = to < uidSteps.length;
    batches.push({
      uidSteps: now,
      setFlags: change.setFlags.slice(Math.max(0, from - flagsAt), Math.max(0, to - flagsAt)),
      expunge: change.expunge.slice(Math.max(0, from - expungeAt), Math.max(0, to - expungeAt)),
      uidNext: followed ? (now.at(-1)?.uid ?? 0) + 1 : change.uidNext,
      spellings: change.spellings ?? new Map(),
    });
    if (to === from) break;
    from = to;
  }
  return batches;
}

function mergeUidSteps(change: MailboxChange): UidStep[] {
  const steps: UidStep[] = [
    ...change.renumber.map(({ ref, uid }) => ({ kind: 'renumber' as const, uid, ref })),
    ...change.deliver.map((delivery) => ({ kind: 'deliver' as const, uid: delivery.uid, ref: delivery.ref, delivery })),
  ].sort((a, b) => a.uid - b.uid);
  const refs = new Set(change.expunge.map(({ ref }) => ref));
  for (const [index, step] of steps.entries()) {
    invariant(step.uid > (steps[index - 1]?.uid ?? 0), `UID ${step.uid} is given out twice in one change`);
    invariant(step.uid < change.uidNext, `UID ${step.uid} is given out although UIDNEXT is to be ${change.uidNext}`);
    invariant(!refs.has(step.ref), `the message ${step.ref} is named twice in one change`);
    refs.add(step.ref);
  }
  return steps;
}
