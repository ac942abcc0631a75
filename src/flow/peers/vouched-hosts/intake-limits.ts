import { knownHostsMax, mailboxesMax, mailboxListBytesMax } from '../../../bundle/format/bundle-limits.js';
import type { VerifiedBundle } from '../../../bundle/read/open-bundle.js';
import { putStrangers, strangersIn } from '../../../catalog/facts/hosts-vouched-for-by-peers.js';
import { formerSelf } from '../../../catalog/facts/previous-identity.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../../catalog/interface/mailbox-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import { rightsIn } from '../../../catalog/interface/recipients-and-permissions.js';
import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { MailboxName } from '../../../mail/mailbox-name.js';
import { hostsNamedIn, withoutHosts } from '../../../merge/permission/news-without-unknown-hosts.js';
import type { HostId } from '../../../replica/host-id.js';
import type { MailboxNews } from '../../../replica/mailbox-news.js';
import { type Clock, emptyClock, joinClocks } from '../../../replica/version-vector.js';
import { hasRoomFor, type Strangers, stepsTo } from '../../../replica/vouched-hosts.js';

/** What of a bundle there is room for. */
export type Admitted = {
  readonly news: readonly MailboxNews[];
  /** Mailboxes for which there is no room. */
  readonly troubles: readonly Trouble[];
};

/** What this host can still come to know, and be able to say in a bundle of its own. */
export type Room = {
  /** Leaves out of a bundle what there is no room for, and counts the rest as known. */
  admit(bundle: Pick<VerifiedBundle, 'manifest' | 'news'>, fileName: string): Admitted;
  /** Is this host known, or can it be taken up on the word of that peer? Then it is counted as known. */
  admitsHost(host: HostId, by: { readonly hostId: HostId; readonly said: Strangers }): boolean;
  isKnown(host: HostId): boolean;
  /** How many hosts that a peer named in one bundle were left out, of peers with every right. */
  readonly leftOut: ReadonlyMap<HostId, number>;
  /** Remembers, in the open transaction, which hosts were taken up, and on whose word. */
  remember(): void;
};

/** Bytes of what a manifest says of a mailbox, without its name and its clocks. */
const itemBytes = 250;

/**
 * A paired host gone bad could name so many hosts and mailboxes that everybody who believed it would never again write
 * a bundle that others take, or take one of theirs. So hosts that this one is not paired with are taken up only on the
 * word of a peer with every right, and so many of each. `catalog` is looked at now; what is admitted is added.
 */
export function roomIn(catalog: IdentityCatalog & MailboxCatalog & PairedHostCatalog & FactCatalog): Room {
  const rightOf = rightsIn(catalog);
  const { hostId: self } = catalog.identity;
  const strangers = strangersIn(catalog);
  const clocks = new Map<MailboxName, Clock>(catalog.summaries().map(({ state }) => [state.name, state.clock]));
  const known = new Set([self, ...catalog.pairedHosts().map(({ hostId }) => hostId), ...strangers.keys()]);
  for (const clock of clocks.values()) for (const host of clock.keys()) known.add(host);
  const former = formerSelf(catalog);
  if (former !== null) known.add(former.hostId);
  const leftOut = new Map<HostId, number>();
  let bytes = [...clocks].reduce((sum, [name, clock]) => sum + mailboxBytes(name, clock), 0);

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

  return {
    admitsHost,
    isKnown,
    leftOut,
    admit({ manifest, news }, fileName) {
      const { from, strangers: said } = manifest.preamble;
      const by = { hostId: from.hostId, said };
      const missing = new Set<HostId>();
      for (const each of news) {
        for (const host of hostsNamedIn(each)) if (!admitsHost(host, by)) missing.add(host);
      }
      if (missing.size > 0 && rightOf(from.hostId) === 'full') {
        leftOut.set(from.hostId, Math.max(missing.size, leftOut.get(from.hostId) ?? 0));
      }
      const admitted: MailboxNews[] = [];
      const troubles: Trouble[] = [];
      for (const each of news) {
        const sifted = withoutHosts(each, isKnown);
        const { name, clock } = sifted;
        const before = clocks.get(name);
        const after = joinClocks(before ?? emptyClock, clock);
        const more = mailboxBytes(name, after) - (before === undefined ? 0 : mailboxBytes(name, before));
        if (before === undefined && clocks.size >= mailboxesMax) {
          troubles.push({ subject: name, failure: full(fileName, name, `${mailboxesMax} mailboxes`) });
        } else if (more > 0 && bytes + more > mailboxListBytesMax) {
          troubles.push({ subject: name, failure: full(fileName, name, 'a bundle of this host can list') });
        } else {
          // Of a peer that may read nothing is taken.
          if (rightOf(from.hostId) !== 'read') {
            clocks.set(name, after);
            bytes += more;
          }
          admitted.push(sifted);
        }
      }
      return { news: admitted, troubles };
    },
    remember: () => putStrangers(catalog, strangers),
  };
}

/** A statement names a mailbox with its clock, and a manifest once more, with what its records build upon. */
function mailboxBytes(name: MailboxName, clock: Clock): number {
  // In a statement, which is a string in the manifest.
  let bytes = Buffer.byteLength(JSON.stringify(JSON.stringify(name)));
  for (const { serial, modseq } of clock.values()) bytes += `[${knownHostsMax},${serial},${modseq}],`.length;
  return itemBytes + 2 * bytes;
}

function full(fileName: string, mailbox: MailboxName, what: string): Failure {
  return new Failure(
    'bundle-damaged',
    `importing ${fileName}: with the mailbox ${mailbox} there would be more than ${what}; nothing of this mailbox was taken`,
    { hint: 'Its sender is damaged, or not to be trusted any more: see "mrepl inspect", and "mrepl peers revoke".' },
  );
}
