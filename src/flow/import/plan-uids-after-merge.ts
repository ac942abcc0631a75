import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import { awaited } from '../../merge/deliver/newly-deliverable-messages.js';
import { renumber } from '../../merge/uids/renumber-uid-conflicts.js';
import { withTrueSizes } from './correct-claimed-text-sizes.js';
import { type MergedMailbox, type MergeSituation, nothingMerged } from './plan-merge-of-bundles.js';
import type { TextsTaken } from './take-texts.js';

/**
 * Gives new UIDs to the messages that need one, once, now that everything is merged and it is known which texts are
 * here (mrepl-sync(7), rule 6); those included that waited for these. It changes nothing, and depends on nothing but
 * what it is given. `atHand`: the texts that can be delivered now.
 */
export function planUids(
  merged: readonly MergedMailbox[],
  { awaitedBy, sizes, refused }: Pick<TextsTaken, 'awaitedBy' | 'sizes' | 'refused'>,
  {
    self,
    mailboxOf,
    atHand,
  }: Pick<MergeSituation, 'self' | 'mailboxOf'> & { readonly atHand: { has(mail: TextId): boolean } },
): MergedMailbox[] {
  const isMerged = new Set(merged.map(({ mailbox }) => mailbox));
  const hasWaited = new Set(awaitedBy);
  const others = awaitedBy.filter((name) => !isMerged.has(name)).map((name) => nothingMerged(mailboxOf(name)));
  return [...merged, ...others].map((one) => {
    const { mailbox } = one;
    const sized = hasWaited.has(mailbox) ? withTrueSizes(one.known, sizes) : one.known;
    const { known, decisions: renumbered } = renumber(sized, self, atHand);
    const decisions = [...one.decisions, ...renumbered, ...awaited(known, one.decisions, atHand)];
    return { ...one, known, decisions, refused: [...one.refused, ...(refused.get(mailbox) ?? [])] };
  });
}
