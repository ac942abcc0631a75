import { deletionsDecided, totalOf } from '../run/count-deletions.js';
import { guardAgainstMassExpunge, guardDeleteLimit } from '../run/guards-against-mail-loss.js';
import type { ImportOptions } from './import-options.js';
import type { MergedMailbox } from './plan-merge-of-bundles.js';

/**
 * Stops an import that would expunge more than it may, before anything is kept. `messages` are those of the account.
 * Throws `guard`.
 */
export function guardArrivingDeletions(
  merged: readonly Pick<MergedMailbox, 'mailbox' | 'decisions'>[],
  messages: number,
  { deleteMax, allowExpunge }: Pick<ImportOptions, 'deleteMax' | 'allowExpunge'>,
): void {
  const what = 'importing these bundles';
  guardDeleteLimit(deleteMax, { expunged: totalOf([deletionsDecided(merged)]).messages, messages, what });
  if (allowExpunge) return;
  const decisions = merged.flatMap((one) => one.decisions);
  guardAgainstMassExpunge(decisions.filter(({ kind }) => kind === 'expunged').length, messages, what);
}
