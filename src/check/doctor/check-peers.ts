import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { type Advice, advice, typed } from '../../failure.js';
import type { Finding } from '../reports/doctor-finding.js';

/** A host that was not heard of for longer than these days may be gone, or its bundles do not get here. */
const silentDaysMax = 90;

const dayS = 24 * 3600;

/**
 * Notices of paired hosts that have been silent for long, or of there being none. `nowS` is of a clock that may have
 * been set wrong, so that silence is no fault.
 */
export function checkPeers(catalog: PeerCatalog & PairedHostCatalog, nowS: number): Finding[] {
  const notice = (where: string, what: string, remedy: Advice): Finding => {
    return { code: 'peers', weight: 'notice', where, what, remedy };
  };
  const paired = catalog.pairedHosts();
  if (paired.length === 0) {
    const what = 'no other host is paired: bundles are not sealed, and none is taken';
    return [
      notice(
        'peers',
        what,
        advice`Pair with the others, here, there, and here once more: ${typed('mrepl', 'pair', 'DIR')}`,
      ),
    ];
  }
  if (paired.every(({ isRevoked }) => isRevoked)) {
    return [
      notice(
        'peers',
        'every host was revoked: nothing is exported',
        advice`Pair with one: ${typed('mrepl', 'pair', 'DIR')}`,
      ),
    ];
  }
  const pairedAt = new Map(paired.map(({ hostId, pairedAtS }) => [hostId, pairedAtS]));
  return recipientsOf(catalog).flatMap(({ hostId, hostName, lastHeardS }) => {
    const days = Math.floor((nowS - (lastHeardS ?? pairedAt.get(hostId) ?? nowS)) / dayS);
    if (days <= silentDaysMax) return [];
    const since = lastHeardS === null ? `since it was paired, ${days} days ago` : `for ${days} days`;
    return [
      notice(
        hostName,
        `by the clock of this host, nothing was heard of ${hostName} ${since}`,
        advice`Run "mrepl sync DIR" there; if it is gone for good: ${typed('mrepl', 'peers', 'revoke', hostName)}`,
      ),
    ];
  });
}
