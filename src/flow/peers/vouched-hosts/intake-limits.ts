import { knownHostsMax } from '../../../bundle/format/bundle-limits.js';
import type { VerifiedBundle } from '../../../bundle/read/open-bundle.js';
import { formerSelf } from '../../../catalog/facts/own-host/previous-identity.js';
import { putStrangers, strangersIn } from '../../../catalog/facts/peers/hosts-vouched-for-by-peers.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../../catalog/interface/mailbox-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import { rightsIn } from '../../../catalog/interface/recipients-and-permissions.js';
import type { SignedChangesCatalog } from '../../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../../catalog/interface/statement-catalog.js';
import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { hostsNamedIn, withoutHosts } from '../../../merge/permission/news-without-unknown-hosts.js';
import type { HostId } from '../../../replica/host-id.js';
import type { MailboxNews } from '../../../replica/mailbox-news.js';
import { emptyClock } from '../../../replica/version-vector.js';
import { hasRoomFor, type Strangers, stepsTo, type Vouch } from '../../../replica/vouched-hosts.js';
import { makersIn } from './maker-of-mailbox.js';
import { listRoomIn } from './room-in-mailbox-lists.js';

/** What of a bundle there is room for. */
export type Admitted = {
  readonly news: readonly MailboxNews[];
  /** Mailboxes for which there is no room at all. */
  readonly troubles: readonly Trouble[];
};

/** What this host can still come to know, and be able to say in a bundle of its own. */
export type Room = {
  /** Leaves out of a bundle what there is no room for, and counts the rest as known. */
  admit(bundle: Pick<VerifiedBundle, 'manifest' | 'news'>, fileName: string): Admitted;
  /** Is this host known, or can it be taken up on the word of that peer? Then it is counted as known. */
  admitsHost(host: HostId, by: { readonly hostId: HostId; readonly said: Strangers }): boolean;
  isKnown(host: HostId): boolean;
  /** On whose word a host is known, and how far away it is. A paired host is known by itself. */
  vouchOf(host: HostId): Vouch;
  /** How many hosts that a peer named in one bundle were left out, of peers with every right. */
  readonly leftOut: ReadonlyMap<HostId, number>;
  /** How many mailboxes that a peer vouches for were left out, and of which peers' bundles any were. */
  readonly leftOutMailboxes: ReadonlyMap<HostId, number>;
  /** Remembers, in the open transaction, which hosts were taken up, and on whose word. */
  remember(): void;
  /** Likewise who vouches for the mailboxes that came to be known. */
  rememberMailboxes(isKnown: (mailbox: MailboxName) => boolean): void;
};

type RoomCatalog = IdentityCatalog &
  MailboxCatalog &
  PairedHostCatalog &
  StatementCatalog &
  SignedChangesCatalog &
  FactCatalog;

/**
 * A paired host gone bad could name so many hosts and mailboxes that everybody who believed it would never again write
 * a bundle that others take, or take one of theirs. So hosts that this one is not paired with are taken up only on the
 * word of a peer with every right, and so many of each; and what of the list of mailboxes a peer vouches for, by those
 * that it made and by the hosts it brought, is no more than it leaves to others. `catalog` is looked at now; what is
 * admitted is added.
 */
export function roomIn(catalog: RoomCatalog): Room {
  const rightOf = rightsIn(catalog);
  const { hostId: self } = catalog.identity;
  const strangers = strangersIn(catalog);
  const lists = listRoomIn(catalog, strangers);
  const known = new Set([self, ...catalog.pairedHosts().map(({ hostId }) => hostId), ...strangers.keys()]);
  for (const clock of lists.clocks.values()) for (const host of clock.keys()) known.add(host);
  const former = formerSelf(catalog);
  if (former !== null) known.add(former.hostId);
  const leftOut = new Map<HostId, number>();
  const leftOutMailboxes = new Map<HostId, number>();

  const admitsHost: Room['admitsHost'] = (host, { hostId: by, said }) => {
    if (known.has(host)) return true;
    const steps = stepsTo(host, said, self);
    if (rightOf(by) !== 'full' || steps === null || known.size >= knownHostsMax) return false;
    if (!hasRoomFor({ by, steps }, strangers.values())) return false;
    strangers.set(host, { by, steps });
    known.add(host);
    return true;
  };
  const isKnown = (host: HostId): boolean => known.has(host);
  const vouchOf = (host: HostId): Vouch => strangers.get(host) ?? { by: host, steps: 1 };

  /** The hosts of a clock for whose entries there is no room, as the same peer vouches for too many. */
  const crowdedIn = ({ name, clock }: MailboxNews): ReadonlySet<HostId> => {
    const before = lists.clocks.get(name) ?? emptyClock;
    const fresh = [...clock.keys()].filter((host) => strangers.has(host) && !before.has(host));
    return new Set(fresh.filter((host) => !lists.takeEntry(vouchOf(host))));
  };

  return {
    ...{ admitsHost, isKnown, vouchOf, leftOut, leftOutMailboxes },
    admit({ manifest, news }, fileName) {
      const { from, strangers: said } = manifest.preamble;
      const right = rightOf(from.hostId);
      const makerOf = makersIn(manifest.preamble, strangers, catalog);
      const missing = new Set<HostId>();
      for (const each of news) {
        for (const host of hostsNamedIn(each)) {
          if (!admitsHost(host, { hostId: from.hostId, said })) missing.add(host);
        }
      }
      // Of a peer that may read nothing is taken.
      if (right === 'read') return { news: news.map((each) => withoutHosts(each, isKnown)), troubles: [] };
      const admitted: MailboxNews[] = [];
      const troubles: Trouble[] = [];
      const left = new Map<HostId, number>();
      for (const each of news) {
        const { name } = each;
        const maker = lists.clocks.has(name) ? null : vouchOf(right === 'full' ? makerOf(each) : from.hostId);
        if (maker !== null && !lists.takeMailbox(name, maker)) {
          left.set(maker.by, (left.get(maker.by) ?? 0) + 1);
          continue;
        }
        const crowded = crowdedIn(each);
        for (const host of crowded) missing.add(host);
        const sifted = withoutHosts(each, (host) => known.has(host) && !crowded.has(host));
        if (lists.addClock(name, sifted.clock)) admitted.push(sifted);
        else troubles.push({ subject: name, failure: full(fileName, name) });
      }
      if (missing.size > 0 && right === 'full') raise(leftOut, from.hostId, missing.size);
      for (const [host, count] of left) raise(leftOutMailboxes, host, count);
      // Should there be room later, this peer takes for known here what is not.
      if (left.size > 0) raise(leftOut, from.hostId, 0);
      return { news: admitted, troubles };
    },
    remember: () => putStrangers(catalog, strangers),
    rememberMailboxes: lists.remember,
  };
}

function raise(counts: Map<HostId, number>, host: HostId, count: number): void {
  counts.set(host, Math.max(count, counts.get(host) ?? 0));
}

function full(fileName: string, mailbox: MailboxName): Failure {
  return new Failure(
    'bundle-damaged',
    `importing ${fileName}: with the mailbox ${mailbox} there would be more than a bundle of this host can list; nothing of this mailbox was taken`,
    { hint: 'Its sender is damaged, or not to be trusted any more: see "mrepl inspect", and "mrepl peers revoke".' },
  );
}
