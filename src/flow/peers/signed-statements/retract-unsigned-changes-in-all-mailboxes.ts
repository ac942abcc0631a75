import type { Bench } from '../../../apply/context/run-context.js';
import { addUnsettled } from '../../../catalog/facts/mailboxes-with-unfinished-changes.js';
import { dropUnsigned } from '../../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { disbelieve } from '../../../merge/signed-changes/retract-unsigned-changes-in-one-mailbox.js';
import type { HostId } from '../../../replica/host-id.js';
import { forgetAllTold } from '../acknowledge-limited-peers.js';

/**
 * Drops, in the open transaction, what was believed of hosts on the word of others, now that they speak for themselves
 * and it may have been wrong. What this host has said since is not built upon either, and what others have said is to
 * be said anew: it may have been held against what was wrong. Tells of each host what that means.
 */
export function giveWay(
  bench: Pick<Bench, 'catalog' | 'copy' | 'nowS'>,
  hosts: Iterable<HostId>,
  nameOf: (host: HostId) => string,
): Trouble[] {
  const troubles: Trouble[] = [];
  for (const host of hosts) {
    bench.catalog.dropUnsigned(host);
    dropUnsigned(bench.catalog, host);
    const messages = dropDeedsOf(bench, host);
    if (messages !== null) troubles.push({ subject: nameOf(host), failure: gaveWay(nameOf(host), messages) });
  }
  return troubles;
}

/**
 * Makes the messages of a host ones of this host, in the open transaction, and knows nothing of its deeds from
 * then on. Answers how many there were; null where
 * nothing was known of it.
 */
export function dropDeedsOf(
  { catalog, copy, nowS }: Pick<Bench, 'catalog' | 'copy' | 'nowS'>,
  host: HostId,
): number | null {
  const self = catalog.identity.hostId;
  const names = catalog.summaries().flatMap(({ state }) => (state.clock.has(host) ? [state.name] : []));
  let messages = 0;
  for (const name of names) {
    const before = copy.get(name);
    for (const { birth } of before.state.instances.values()) if (birth.host === host) messages += 1;
    copy.put(disbelieve(before, host, self));
  }
  if (names.length === 0) return null;
  addUnsettled(catalog, names);
  for (const exported of catalog.exports()) {
    if (![...exported.carried.values()].some((clock) => clock.has(host))) continue;
    catalog.dropExport(exported.number);
    catalog.markTaken(exported.imprint, nowS(), catalog.identity.hostId); // nobody needs it any more
  }
  forgetAllTold(catalog);
  return messages;
}

function gaveWay(name: string, messages: number): Failure {
  const kept =
    messages === 0
      ? 'it was dropped'
      : `${messages === 1 ? 'the message that is here under its name stays as one' : `the ${messages} messages that are here under its name stay as ones`} of this host`;
  return new Failure('untrusted', `what others had said that ${name} did is not what ${name} has signed: ${kept}`, {
    hint: `Nothing is lost: ${name} says all of it anew. What was expunged of its mail meanwhile may come back.`,
  });
}
