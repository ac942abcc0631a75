import type { Bench } from '../../apply/context/run-context.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import type { Decision } from '../../merge/merge-decision.js';
import type { Observation } from '../../merge/observe/observation.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import { stillHeld } from './gone-here-still-at-peers.js';

/** Messages that were expunged, by mailbox; a mailbox without any is not in it. */
export type Deletions = ReadonlyMap<MailboxName, number>;

type Placed = { readonly mailbox: MailboxName; readonly text: TextId };

/** Those that went and did not come back elsewhere: a message that was moved is not expunged. */
function deletionsAmong(gone: Iterable<Placed>, come: Iterable<TextId>): Deletions {
  const arrived = new Map<string, number>();
  for (const text of come) arrived.set(sameOf(text), (arrived.get(sameOf(text)) ?? 0) + 1);
  const counts = new Map<MailboxName, number>();
  for (const { mailbox, text } of gone) {
    const left = arrived.get(sameOf(text)) ?? 0;
    if (left > 0) arrived.set(sameOf(text), left - 1);
    else counts.set(mailbox, (counts.get(mailbox) ?? 0) + 1);
  }
  return counts;
}

/** What these looks at mailboxes found to be gone. */
export function deletionsSeen(observations: readonly Observation[]): Deletions {
  return deletionsAmong(
    observations.flatMap(({ known, expunged }) => expunged.map((text) => ({ mailbox: known.state.name, text }))),
    observations.flatMap(({ born }) => born),
  );
}

/** What these decisions of an import expunge. */
export function deletionsDecided(
  mailboxes: readonly { readonly mailbox: MailboxName; readonly decisions: readonly Decision[] }[],
): Deletions {
  return deletionsAmong(
    mailboxes.flatMap(({ mailbox, decisions }) =>
      decisions.flatMap((decision) => (decision.kind === 'expunged' ? [{ mailbox, text: decision }] : [])),
    ),
    mailboxes.flatMap(({ decisions }) => decisions.filter((decision) => decision.kind === 'new')),
  );
}

/**
 * What was expunged here that the receivers of this news still hold, as far as is known. Not counted is what others
 * expunged, which they say themselves, nor a message that took the place of its twin: its text is in the mailbox.
 */
export function deletionsToldBy({ catalog }: Pick<Bench, 'catalog'>, news: readonly MailboxNews[]): Deletions {
  if (news.length === 0) return new Map();
  const self = catalog.identity.hostId;
  const told = new Map(news.map((each) => [each.name, each]));
  const gone = catalog.departed().filter((row) => {
    const base = told.get(row.mailbox)?.base;
    if (base === undefined || !stillHeld(row, base, self)) return false;
    return !catalog.birthsOf(row).some(({ mailbox }) => mailbox === row.mailbox);
  });
  return deletionsAmong(
    gone.map((row) => ({ mailbox: row.mailbox, text: row })),
    news.flatMap(({ saves }) => saves),
  );
}

/** How many messages in how many mailboxes. */
export function totalOf(all: Iterable<Deletions>): { readonly messages: number; readonly mailboxes: number } {
  const names = new Set<MailboxName>();
  let messages = 0;
  for (const deletions of all) {
    for (const [mailbox, count] of deletions) {
      names.add(mailbox);
      messages += count;
    }
  }
  return { messages, mailboxes: names.size };
}
