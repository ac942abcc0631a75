import type { Catalog } from '../../catalog/interface/catalog.js';
import type { Finding } from '../../check/reports/doctor-finding.js';
import { Failure, invariant } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import { vouchedHostsMax } from '../../replica/replica-limits.js';
import { forgetToldBy } from './acknowledge-limited-peers.js';

// Which peers have named hosts that were left out, as there were too many or nobody vouched for them any more. Such a
// peer takes for known here what is not: should
// one of these hosts be taken up later, the peer has to say anew what it said of it.

const key = 'left-out-hosts';

/** By peer: so many hosts at the most that one bundle of it named. */
function leftOutHostsIn(catalog: Catalog): ReadonlyMap<HostId, number> {
  const rows: unknown = JSON.parse(catalog.note(key) ?? '{}');
  invariant(typeof rows === 'object' && rows !== null, `the note ${key} is not what was written`);
  return new Map(
    Object.entries(rows).map(([host, count]: [HostId, unknown]) => {
      invariant(typeof count === 'number', `the note ${key} has no number`);
      return [host, count];
    }),
  );
}

/** Remembers it, in the open transaction. Answers the peers of which it was not known. */
export function addLeftOutHosts(catalog: Catalog, counts: ReadonlyMap<HostId, number>): readonly HostId[] {
  const before = leftOutHostsIn(catalog);
  const after = new Map(before);
  for (const [host, count] of counts) after.set(host, Math.max(count, before.get(host) ?? 0));
  const news = [...counts].flatMap(([host, count]) => (count > 0 && (before.get(host) ?? 0) === 0 ? [host] : []));
  if ([...after].some(([host, count]) => before.get(host) !== count)) {
    catalog.setNote(key, JSON.stringify(Object.fromEntries(after)));
  }
  return news;
}

/**
 * These built upon what never came here: where hosts of theirs were left out before, that is the reason, and they are
 * asked to say all of it anew.
 */
export function askAnew(catalog: Catalog, peers: Iterable<HostId>): void {
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
export function leftOutFindings(catalog: Catalog, nameOf: (host: HostId) => string): Finding[] {
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

function remedyOf(peer: HostId, nameOf: (host: HostId) => string): string {
  return `If there are so many hosts, pair with those that matter: mrepl pair DIR. Else ${nameOf(peer)}, or a host that it believes, does not tell the truth: mrepl peers revoke ${nameOf(peer)}`;
}
