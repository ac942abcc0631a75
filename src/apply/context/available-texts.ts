import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { SizedText, TextId, TextIndex } from '../../mail/text/text-guid-and-second-digest.js';

/** Texts that lie in the spool, to be looked up by the mail that they are. */
export type SpooledTexts = TextIndex<SizedText>;

/**
 * Can this mail be delivered here: does its text, or a copy that but differs in stamped lines, lie in the spool, or in
 * a mailbox?
 */
export function textsAtHand(
  catalog: Pick<TextCatalog, 'copyOf'>,
  spooled: SpooledTexts,
): { has(mail: TextId): boolean } {
  return { has: (mail) => spooled.find(mail) !== null || catalog.copyOf(mail) !== null };
}
