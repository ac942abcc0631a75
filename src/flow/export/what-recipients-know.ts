import { createHash } from 'node:crypto';
import { isToComplain } from '../../catalog/facts/bundles/damaged-bundles-to-report.js';
import { owedSince } from '../../catalog/facts/own-host/own-last-bundle-owing-acknowledgement.js';
import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { Peer } from '../../catalog/interface/peer-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import { inRanges } from '../../replica/number-ranges.js';
import { type Clock, covers, emptyClock, joinClocks, meetClocks, sameClock } from '../../replica/version-vector.js';
import { knownBy } from '../peers/acknowledge-limited-peers.js';

/** Can the peer take this bundle in? It was sealed to those who were paired when it was written. */
export function reaches({ recipients }: Exported, { hostId }: Peer): boolean {
  return recipients.size === 0 || recipients.has(hostId);
}

/**
 * What every one of the recipients will know of a mailbox by the time it reads the next bundle in a directory: what its
 * own last bundle said and acknowledged, raised by those bundles of ours that lie there and that it will read first
 * (mrepl-bundle(5), STATEMENTS). Nobody known means somebody who knows nothing, so that the bundles in the directory
 * are still built upon.
 */
export function baseFor(mailbox: MailboxName, recipients: readonly Peer[], chain: readonly Exported[]): Clock {
  if (recipients.length === 0) return raise(emptyClock, mailbox, chain);
  return recipients
    .map((peer) => {
      const readable = chain.filter((bundle) => reaches(bundle, peer));
      return raise(knownBy(peer, mailbox), mailbox, readable);
    })
    .reduce(meetClocks);
}

function raise(start: Clock, mailbox: MailboxName, chain: readonly Exported[]): Clock {
  let known = start;
  for (const bundle of chain) {
    const base = bundle.base.get(mailbox);
    const clock = bundle.carried.get(mailbox);
    if (base !== undefined && clock !== undefined && covers(known, base)) known = joinClocks(known, clock);
  }
  return known;
}

/**
 * Has the peer said that it took this bundle in, or a later one that says as much? Of a peer that others tell us about,
 * it is enough that nothing of the bundle is left which it lacks.
 */
export function isAcknowledged(bundle: Exported, peer: Peer): boolean {
  if (inRanges(peer.heard, bundle.number)) return true;
  const lastHeard = peer.heard.at(-1)?.[1] ?? 0;
  if (peer.isDirect && lastHeard < bundle.number) return false;
  if ([...bundle.answered].some((guid) => peer.wanted.has(guid))) return false;
  return [...bundle.carried].every(([mailbox, clock]) => covers(peer.clocks.get(mailbox) ?? emptyClock, clock));
}

/** What this host would say of itself in a bundle written now. */
export type OwnStatement = {
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  readonly wanted: ReadonlySet<Guid>;
  readonly unheard: ReadonlySet<HostId>;
  /** Peers that read bundles of hosts which do not read theirs: what they say is passed on. */
  readonly relayed: readonly Peer[];
  /** Is there something to say for its own sake: that a bundle was found damaged? */
  readonly complains: boolean;
  /** Bundles up to this number do not say what was heard of limited peers. */
  readonly owedSince: number;
};

/**
 * Does the newest of these bundles, which everyone has or will find, say the same of us? Then there is nothing to
 * acknowledge.
 */
export function isStated(statement: OwnStatement, bundles: readonly Exported[]): boolean {
  const newest = bundles.reduce<Exported | null>(
    (best, bundle) => (best === null || bundle.number > best.number ? bundle : best),
    null,
  );
  if (newest === null || newest.number <= statement.owedSince || statement.complains) return false;
  const { clocks, wanted, unheard, relayed } = statement;
  if ([...unheard].some((host) => !newest.unheard.has(host))) return false;
  if (relayed.some((peer) => newest.relayed.get(peer.hostId) !== digestOf(peer))) return false;
  if (wanted.size !== newest.wanted.size || [...wanted].some((guid) => !newest.wanted.has(guid))) return false;
  return (
    clocks.size === newest.clocks.size &&
    [...clocks].every(([name, clock]) => sameClock(clock, newest.clocks.get(name) ?? emptyClock))
  );
}

/**
 * Does it say more of other hosts than the newest of these bundles? What this host did itself acknowledges nothing;
 * what it has received should be said even where there is no room for more.
 */
export function acknowledgesMore(statement: OwnStatement, bundles: readonly Exported[], self: HostId): boolean {
  const ofOthers = withoutOwn(statement, self);
  const { clocks, wanted, unheard, relayed } = ofOthers;
  if (clocks.size + wanted.size + unheard.size + relayed.length === 0) return false;
  return !isStated(
    ofOthers,
    bundles.map((bundle) => withoutOwn(bundle, self)),
  );
}

function withoutOwn<S extends Pick<OwnStatement, 'clocks'>>(said: S, self: HostId): S {
  const clocks = [...said.clocks].map(
    ([name, clock]) => [name, new Map([...clock].filter(([host]) => host !== self))] as const,
  );
  return { ...said, clocks: new Map(clocks.filter(([, clock]) => clock.size > 0)) };
}

/** The statement as of now. */
export function statementOf(catalog: Catalog): OwnStatement {
  const self = catalog.identity.hostId;
  const peers = catalog.peers();
  const clocks = new Map(catalog.summaries().map(({ state }) => [state.name, state.clock] as const));
  return {
    clocks,
    wanted: new Set(catalog.deliverableGuids()),
    unheard: new Set(peers.filter((peer) => peer.isDirect && peer.heard.length === 0).map(({ hostId }) => hostId)),
    complains: isToComplain(catalog),
    relayed: peers.filter((peer) => [...peer.unheard].some((host) => host !== self && host !== peer.hostId)),
    owedSince: owedSince(catalog),
  };
}

/**
 * Two statements of a host that differ only in the number of its bundle have the same digest: there is nothing to pass
 * on.
 */
export function digestOf({ clocks, wanted, unheard }: Peer): string {
  const said = [
    [...clocks]
      .map(([name, clock]) =>
        [name, ...[...clock].map(([host, tick]) => `${host} ${tick.serial} ${tick.modseq}`).sort()].join('\n'),
      )
      .sort(),
    [...wanted].sort(),
    [...unheard].sort(),
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}
