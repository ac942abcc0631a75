import { deletionsDecided, totalOf } from '../run/count-deletions.js';
import { expungedByImport, guardAgainstMassExpunge, guardDeleteLimit } from '../run/guards-against-mail-loss.js';
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
  guardDeleteLimit(deleteMax, {
    expunged: totalOf([deletionsDecided(merged)]).messages,
    messages,
    says: expungedByImport,
  });
  if (allowExpunge) return;
  const decisions = merged.flatMap((one) => one.decisions);
  guardAgainstMassExpunge(decisions.filter(({ kind }) => kind === 'expunged').length, messages, expungedByImport);
}
