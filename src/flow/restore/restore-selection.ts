import type { Trashed } from '../../catalog/interface/trash-catalog.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { Guid } from '../../mail/text/text-guid.js';

/** What is to be brought back: what every criterion takes; a criterion without an entry takes everything. */
export type RestoreSelection = {
  /** Patterns of mailbox names. */
  readonly mailboxes: readonly string[];
  /** File names of bundles, with or without what follows the first dot, or their numbers. */
  readonly bundles: readonly string[];
  /** UIDs that the messages had, or the first digits of their guids. */
  readonly messages: readonly string[];
  /** When it was expunged. Inclusive. Seconds since 1970. */
  readonly sinceS: number | null;
  /** Exclusive. */
  readonly beforeS: number | null;
};

/** Fewer digits of a guid than this name no message. Inclusive: two messages of ten thousand hardly share so many. */
export const guidDigitsMin = 6;

/** Are these the first digits of the guid, and enough of them? */
export function isGuidOf(digits: string, guid: Guid): boolean {
  return digits.length >= guidDigitsMin && guid.startsWith(digits.toLowerCase());
}

/** Makes the test of whether a message in the trash is one of those that are to be brought back. */
export function selects({
  mailboxes,
  bundles,
  messages,
  sinceS,
  beforeS,
}: RestoreSelection): (row: Trashed) => boolean {
  const takes = mailboxFilter(mailboxes);
  return ({ mailbox, bundle, uid, guid, atS }) => {
    const isBundle = (name: string): boolean =>
      name === bundle.fileName || name === bundle.fileName.split('.')[0] || Number(name) === bundle.number;
    const isMessage = (name: string): boolean => name === String(uid) || isGuidOf(name, guid);
    return (
      takes(mailbox) &&
      (bundles.length === 0 || bundles.some(isBundle)) &&
      (messages.length === 0 || messages.some(isMessage)) &&
      (sinceS === null || atS >= sinceS) &&
      (beforeS === null || atS < beforeS)
    );
  };
}
