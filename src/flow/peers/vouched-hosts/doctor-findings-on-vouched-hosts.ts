import { stillWritingFor } from '../../../catalog/facts/peers/hosts-peers-write-for.js';
import { strangersIn } from '../../../catalog/facts/peers/hosts-vouched-for-by-peers.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { Finding } from '../../../check/reports/doctor-finding.js';
import { type Advice, advice, typed } from '../../../failure.js';

/**
 * For `doctor`: who vouches for hosts that this one is not paired with, and which peers go on writing for a host that
 * was revoked here.
 */
export function vouchedFindings(catalog: PairedHostCatalog & FactCatalog): Finding[] {
  const strangers = [...strangersIn(catalog).values()];
  return catalog.pairedHosts().flatMap(({ hostId, name, isRevoked }): Finding[] => {
    const found: Finding[] = [];
    const count = strangers.filter(({ by }) => by === hostId).length;
    const hosts = count === 1 ? 'a host' : `${count} hosts`;
    const add = (what: string, remedy: Advice | string): void => {
      found.push({ code: 'peers', weight: 'notice', where: name, what, remedy });
    };
    if (count > 0 && isRevoked) {
      add(
        `${hosts} that this one is not paired with came here on the word of ${name}, which was revoked; messages or flags of ${count === 1 ? 'it' : 'them'} are here`,
        'Nothing to do: what was merged stays.',
      );
    } else if (count > 0) {
      add(
        `${name} vouches for ${hosts} that this one is not paired with`,
        advice`Pair with those that you know: ${typed('mrepl', 'pair', 'DIR')} If you know of none: ${typed('mrepl', 'peers', 'revoke', name)}`,
      );
    }
    const unaware = isRevoked ? stillWritingFor(catalog, hostId) : [];
    if (unaware.length > 0) {
      add(
        `${name} was revoked here, and ${unaware.join(', ')} went on writing for it`,
        `Run "mrepl peers revoke" there, too: what ${unaware.length === 1 ? 'it takes' : 'they take'} of ${name} comes here.`,
      );
    }
    return found;
  });
}
