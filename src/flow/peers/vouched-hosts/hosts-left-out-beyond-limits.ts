import { leftOutHostsIn } from '../../../catalog/facts/hosts-of-peer-left-out-here.js';
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
  const leftOut = leftOutHostsIn(catalog);
  for (const peer of new Set(peers)) if (leftOut.has(peer)) forgetToldBy(catalog, peer);
}

/** That hosts were left out which this peer named, as what is told once. */
export function leftOutTrouble(peer: HostId, count: number, nameOf: (host: HostId) => string): Trouble {
  return {
    subject: nameOf(peer),
    failure: new Failure('untrusted', whatIsLeftOut(peer, count, nameOf), { hint: remedyOf(peer, nameOf) }),
  };
}

/** For `doctor`: of peers whose word is still taken. */
export function leftOutFindings(catalog: PairedHostCatalog & FactCatalog, nameOf: (host: HostId) => string): Finding[] {
  const revoked = new Set(catalog.pairedHosts().flatMap(({ hostId, isRevoked }) => (isRevoked ? [hostId] : [])));
  return [...leftOutHostsIn(catalog)]
    .filter(([host, count]) => count > 0 && !revoked.has(host))
    .map(([host, count]) => ({
      code: 'peers',
      weight: 'notice',
      where: nameOf(host),
      what: whatIsLeftOut(host, count, nameOf),
      remedy: remedyOf(host, nameOf),
    }));
}

function whatIsLeftOut(peer: HostId, count: number, nameOf: (host: HostId) => string): string {
  const hosts = count === 1 ? 'a host' : `${count} hosts`;
  return `${nameOf(peer)} named ${hosts} beyond those that are taken up on the word of one peer (${vouchedHostsMax} that it is paired with, and more that are further away); what it said of ${count === 1 ? 'it' : 'them'} was left out, all else was used`;
}

function remedyOf(peer: HostId, nameOf: (host: HostId) => string): Advice {
  return advice`If there are so many hosts, pair with those that matter: ${typed('mrepl', 'pair', 'DIR')} Else ${nameOf(peer)}, or a host that it believes, does not tell the truth: ${typed('mrepl', 'peers', 'revoke', nameOf(peer))}`;
}
