import type { Bench } from '../../../apply/context/run-context.js';
import type { Preamble } from '../../../bundle/format/bundle-contents.js';
import { formerSelf } from '../../../catalog/facts/own-host/previous-identity.js';
import { dropUnsigned } from '../../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import { putStrangers, strangersIn } from '../../../catalog/facts/peers/hosts-vouched-for-by-peers.js';
import { addLeftOut } from '../../../catalog/facts/peers/left-out-beyond-limits.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { forgetHost, hostsInUse } from '../../../merge/permission/forget-host-not-in-use.js';
import type { HostId } from '../../../replica/host-id.js';
import type { Clock } from '../../../replica/version-vector.js';
import type { Strangers, Vouch } from '../../../replica/vouched-hosts.js';
import { forgetAllTold } from '../acknowledge-limited-peers.js';

/**
 * What this host says in its statement of the hosts in these clocks: whose word they stand on. Those it was ever
 * paired with, or was itself, are none.
 */
export function statedStrangers(
  catalog: IdentityCatalog & PairedHostCatalog & FactCatalog,
  clocks: ReadonlyMap<MailboxName, Clock>,
): Strangers {
  const { hostId: self } = catalog.identity;
  const own = new Set([self, formerSelf(catalog)?.hostId, ...catalog.pairedHosts().map(({ hostId }) => hostId)]);
  const known = strangersIn(catalog);
  const stated = new Map<HostId, Vouch>();
  for (const clock of clocks.values()) {
    for (const host of clock.keys()) {
      if (!own.has(host)) stated.set(host, known.get(host) ?? { by: self, steps: 2 });
    }
  }
  return stated;
}

/** What became of hosts that nobody vouches for any more. */
type Forgotten = {
  readonly forgotten: readonly HostId[];
  /** Messages of these, or what they changed, are here. */
  readonly remaining: readonly HostId[];
};

/**
 * Forgets, in the open transaction, those of these hosts of which nothing is here but that they are named: no
 * message, no flag, no UID. Of the others all stays as
 * it is, as what was merged stays merged.
 */
export function forgetUnused(bench: Pick<Bench, 'catalog' | 'copy'>, hosts: ReadonlySet<HostId>): Forgotten {
  if (hosts.size === 0) return { forgotten: [], remaining: [] };
  const { catalog, copy } = bench;
  const used = new Set<HostId>();
  const names = catalog.summaries().map(({ state }) => state.name);
  for (const name of names) for (const host of hostsInUse(copy.get(name).state)) used.add(host);
  const forgotten = [...hosts].filter((host) => !used.has(host));
  if (forgotten.length > 0) {
    const gone = new Set(forgotten);
    for (const name of names) copy.put(forgetHost(copy.get(name), gone));
    const strangers = strangersIn(catalog);
    for (const host of gone) {
      strangers.delete(host);
      catalog.dropStatement(host);
      catalog.dropSigned(host);
      dropUnsigned(catalog, host);
      catalog.dropRelayedPeer(host);
    }
    putStrangers(catalog, strangers);
    addLeftOut(catalog, 'hosts', new Map(catalog.pairedHosts().map(({ hostId }) => [hostId, 0])));
    forgetAllTold(catalog);
  }
  return { forgotten, remaining: [...hosts].filter((host) => used.has(host)) };
}

/** Who wrote a bundle, and of which hosts it passes on statements. */
type Sender = {
  readonly preamble: Pick<Preamble, 'from' | 'number' | 'clocks' | 'strangers' | 'statements'>;
  readonly shown: Iterable<HostId>;
};

/**
 * Forgets, in the open transaction, hosts that were taken up on the word of these senders and that they do not speak
 * of any more, or from this host alone: as
 * far as nothing of them is here.
 */
export function forgetWithdrawn(bench: Pick<Bench, 'catalog' | 'copy'>, senders: readonly Sender[]): void {
  const { catalog } = bench;
  const known = strangersIn(catalog);
  if (known.size === 0) return;
  const lastNumbers = new Map(catalog.peers().map(({ hostId, lastNumber }) => [hostId, lastNumber]));
  const withdrawn = new Set<HostId>();
  for (const { preamble, shown } of senders) {
    const { from, number, clocks, strangers, statements } = preamble;
    if (number < (lastNumbers.get(from.hostId) ?? 0)) continue;
    const named = new Set([...shown, ...statements.keys()]);
    for (const clock of clocks.values()) for (const host of clock.keys()) named.add(host);
    for (const [host, { by }] of known) {
      if (by !== from.hostId) continue;
      if (!named.has(host) || strangers.get(host)?.by === catalog.identity.hostId) withdrawn.add(host);
    }
  }
  forgetUnused(bench, withdrawn);
}
