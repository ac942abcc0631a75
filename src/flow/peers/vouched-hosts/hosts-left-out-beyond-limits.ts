import { type LeftOutKind, leftOutIn } from '../../../catalog/facts/peers/left-out-beyond-limits.js';
import type { ExportCatalog } from '../../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../../catalog/interface/peer-catalog.js';
import type { Finding } from '../../../check/reports/doctor-finding.js';
import { type Advice, advice, Failure, typed } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { HostId } from '../../../replica/host-id.js';
import { vouchedHostsMax } from '../../../replica/replica-limits.js';
import { forgetToldBy } from '../acknowledge-limited-peers.js';

// Which peers have named hosts that were left out, as there were too many or nobody vouched for them any more. Such a
// peer takes for known here what is not: should
// one of these hosts be taken up later, the peer has to say anew what it said of it.

/**
 * These built upon what never came here: where hosts of theirs were left out before, that is the reason, and they are
 * asked to say all of it anew.
 */
export function askAnew(catalog: PeerCatalog & ExportCatalog & FactCatalog, peers: Iterable<HostId>): void {
  const leftOut = leftOutIn(catalog, 'hosts');
  for (const peer of new Set(peers)) if (leftOut.has(peer)) forgetToldBy(catalog, peer);
}

/** That something was left out which this peer brought, as what is told once. */
export function leftOutTrouble(
  kind: LeftOutKind,
  peer: HostId,
  count: number,
  nameOf: (host: HostId) => string,
): Trouble {
  const failure = new Failure('untrusted', whatIsLeftOut[kind](peer, count, nameOf), {
    hint: remedies[kind](peer, nameOf),
  });
  return { subject: nameOf(peer), failure };
}

/** For `doctor`: of peers whose word is still taken. */
export function leftOutFindings(catalog: PairedHostCatalog & FactCatalog, nameOf: (host: HostId) => string): Finding[] {
  const revoked = new Set(catalog.pairedHosts().flatMap(({ hostId, isRevoked }) => (isRevoked ? [hostId] : [])));
  return (['hosts', 'mailboxes'] as const).flatMap((kind) =>
    [...leftOutIn(catalog, kind)]
      .filter(([host, count]) => count > 0 && !revoked.has(host))
      .map(
        ([host, count]): Finding => ({
          code: 'peers',
          weight: 'notice',
          where: nameOf(host),
          what: whatIsLeftOut[kind](host, count, nameOf),
          remedy: remedies[kind](host, nameOf),
        }),
      ),
  );
}

type NameOf = (host: HostId) => string;

const whatIsLeftOut: Readonly<Record<LeftOutKind, (peer: HostId, count: number, nameOf: NameOf) => string>> = {
  hosts(peer, count, nameOf) {
    const hosts = count === 1 ? 'a host' : `${count} hosts`;
    return `${nameOf(peer)} named ${hosts} beyond those that are taken up on the word of one peer (${vouchedHostsMax} that it is paired with, and more that are further away, as far as the lists of a bundle have room); what it said of ${count === 1 ? 'it' : 'them'} was left out, all else was used`;
  },
  mailboxes(peer, count, nameOf) {
    const mailboxes = count === 1 ? 'a mailbox' : `${count} mailboxes`;
    return `${nameOf(peer)}, or a host that it vouches for, made ${mailboxes} beyond those that are taken of one peer (half of the room that a bundle's list has left); ${count === 1 ? 'it was' : 'they were'} left out, all else was used`;
  },
};

const remedies: Readonly<Record<LeftOutKind, (peer: HostId, nameOf: NameOf) => Advice>> = {
  hosts(peer, nameOf) {
    return advice`If there are so many hosts, pair with those that matter: ${typed('mrepl', 'pair', 'DIR')} Else ${nameOf(peer)}, or a host that it believes, does not tell the truth: ${typed('mrepl', 'peers', 'revoke', nameOf(peer))}`;
  },
  mailboxes(peer, nameOf) {
    return advice`If its user has so many mailboxes, they are too many for bundles. Else ${nameOf(peer)}, or a host that it believes, does not tell the truth: ${typed('mrepl', 'peers', 'revoke', nameOf(peer))}`;
  },
};
