import type { Bench } from '../apply/bench.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Trouble } from '../mail/trouble.js';
import type { Decision } from '../merge/decision.js';
import { join } from '../merge/join.js';
import { carryMovedFlags } from '../merge/moves.js';
import type { MailboxNews } from '../replica/news.js';
import type { Arrival } from './arrivals.js';

/** What the waiting bundles made of one mailbox. */
export type Merged = {
  readonly mailbox: MailboxName;
  readonly decisions: readonly Decision[];
  /** Bundles that could not be used for this mailbox. */
  readonly refused: readonly Trouble[];
};

/**
 * Merges everything that has arrived into the working copy: all bundles first, then the flags of moved messages. UIDs come
 * later, once it is known which texts are here. Throws `identity` where a peer knows more of this host than it does itself.
 */
export function mergeArrivals(
  bench: Bench,
  arrivals: readonly Arrival[],
  takes: (mailbox: MailboxName) => boolean,
): Merged[] {
  const self = bench.catalog.identity.hostId;
  const byMailbox = new Map<MailboxName, { arrival: Arrival; news: MailboxNews }[]>();
  for (const arrival of arrivals) {
    for (const news of arrival.news) {
      if (!takes(news.name)) continue;
      const list = byMailbox.get(news.name) ?? [];
      byMailbox.set(news.name, list);
      list.push({ arrival, news });
    }
  }
  const joined = [...byMailbox].map(([mailbox, entries]) => {
    const before = bench.copy.get(mailbox);
    const outcome = join(
      before,
      entries.map(({ news }) => news),
      self,
    );
    const refused: Trouble[] = outcome.refused.map(({ news, failure }) => {
      const entry = entries.find((candidate) => candidate.news === news);
      entry?.arrival.miss(failure);
      return { subject: entry?.arrival.fileName ?? mailbox, failure };
    });
    return { mailbox, before, outcome, refused };
  });

  const carried = carryMovedFlags(
    joined.map(({ before, outcome }) => ({ before, joined: outcome })),
    { self, load: (mailbox) => bench.copy.get(mailbox) },
  );
  const results = new Map<MailboxName, { decisions: Decision[]; refused: readonly Trouble[] }>();
  for (const { mailbox, outcome, refused } of joined) {
    results.set(mailbox, { decisions: [...outcome.decisions], refused });
    bench.copy.put(outcome.known);
  }
  for (const { known, decisions } of carried) {
    bench.copy.put(known);
    const result = results.get(known.state.name) ?? { decisions: [], refused: [] };
    results.set(known.state.name, result);
    result.decisions.push(...decisions);
  }
  return [...results].map(([mailbox, { decisions, refused }]) => ({ mailbox, decisions, refused }));
}
