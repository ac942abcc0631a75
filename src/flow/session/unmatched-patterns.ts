import type { MailboxCatalog } from '../../catalog/interface/mailbox-catalog.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { MailboxName } from '../../mail/mailbox-name.js';

/** Those of the user's patterns that stand for no mailbox: neither for one known here, nor for one of `others`. */
export function unmatchedPatterns(
  catalog: MailboxCatalog,
  patterns: readonly string[],
  others: readonly MailboxName[] = [],
): string[] {
  if (patterns.length === 0) return [];
  const names = [...catalog.summaries().map(({ state }) => state.name), ...others];
  return patterns.filter((pattern) => !names.some(mailboxFilter([pattern])));
}
