import type { Catalog } from '../../catalog/interface/catalog.js';
import { mailboxFilter } from '../../mail/mailbox-glob.js';
import type { MailboxName } from '../../mail/mailbox-name.js';

/** Those of the user's patterns that stand for no mailbox: neither for one known here, nor for one of `others`. */
export function unmatchedPatterns(
  catalog: Catalog,
  patterns: readonly string[],
  others: readonly MailboxName[] = [],
): string[] {
  if (patterns.length === 0) return [];
  const names = [...catalog.summaries().map(({ state }) => state.name), ...others];
  return patterns.filter((pattern) => !names.some(mailboxFilter([pattern])));
}
