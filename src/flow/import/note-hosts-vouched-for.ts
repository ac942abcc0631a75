import type { Bench } from '../../apply/context/run-context.js';
import { noteReaders } from '../../catalog/facts/peers/hosts-peers-write-for.js';
import { addLeftOut } from '../../catalog/facts/peers/left-out-beyond-limits.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import { forgetWithdrawn } from '../peers/vouched-hosts/hosts-known-by-word-of-peers.js';
import { leftOutTrouble } from '../peers/vouched-hosts/hosts-left-out-beyond-limits.js';
import type { Room } from '../peers/vouched-hosts/intake-limits.js';
import { namesIn } from '../session/name-of-host-id.js';

/**
 * Notes, in the open transaction, which hosts were taken up with what has arrived, and on whose word, and for whom it
 * was written; forgets hosts that nobody vouches for any more.
 * Answers what is to be told of those that were left out. `shown`: of which hosts each bundle passes on statements.
 */
export function hearOfHosts(
  bench: Pick<Bench, 'catalog' | 'copy'>,
  arrivals: readonly Arrival[],
  { room, shown }: { readonly room: Room; readonly shown: ReadonlyMap<Arrival, ReadonlyMap<HostId, unknown>> },
): readonly Trouble[] {
  const { catalog } = bench;
  room.remember();
  const senders = arrivals.flatMap((arrival) => {
    const { preamble } = arrival;
    return preamble === null ? [] : [{ preamble, shown: shown.get(arrival)?.keys() ?? [] }];
  });
  forgetWithdrawn(bench, senders);
  noteReaders(
    catalog,
    senders.map(({ preamble }) => preamble),
  );
  const nameOf = namesIn(catalog);
  const leftOut = { hosts: room.leftOut, mailboxes: room.leftOutMailboxes };
  return (['hosts', 'mailboxes'] as const).flatMap((kind) =>
    addLeftOut(catalog, kind, leftOut[kind]).map((peer) =>
      leftOutTrouble(kind, peer, leftOut[kind].get(peer) ?? 0, nameOf),
    ),
  );
}
