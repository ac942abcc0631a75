import { type Doubt, doubtsIn } from '../../../catalog/facts/peers/doubted-claims.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { Finding } from '../../../check/reports/doctor-finding.js';
import { type Advice, advice, Failure, typed } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import type { HostId } from '../../../replica/host-id.js';

// That a peer says more of a host than that host has signed is told once, and `doctor` goes on saying so until that
// peer shows what it says.

/** A doubt as the trouble that it is. `subject`: the bundle that gave rise to it. */
export function doubtTrouble({ from, of }: Doubt, subject: string, nameOf: (host: HostId) => string): Trouble {
  return {
    subject,
    failure: new Failure('untrusted', whatIsDoubted(from, of, nameOf), { hint: remedyOf(from, of, nameOf) }),
  };
}

/** For `doctor`: of peers whose word is still taken. */
export function doubtFindings(catalog: PairedHostCatalog & FactCatalog, nameOf: (host: HostId) => string): Finding[] {
  const revoked = new Set(catalog.pairedHosts().flatMap(({ hostId, isRevoked }) => (isRevoked ? [hostId] : [])));
  return doubtsIn(catalog)
    .filter(({ from }) => !revoked.has(from))
    .map(({ from, of }) => ({
      code: 'peers',
      weight: 'notice',
      where: nameOf(from),
      what: whatIsDoubted(from, of, nameOf),
      remedy: remedyOf(from, of, nameOf),
    }));
}

function whatIsDoubted(from: HostId, of: HostId, nameOf: (host: HostId) => string): string {
  const [who, whom] = [nameOf(from), nameOf(of)];
  return `${who} said more of what ${whom} did than it shows ${whom} to have signed; that was not believed, all else was used`;
}

function remedyOf(from: HostId, of: HostId, nameOf: (host: HostId) => string): Advice {
  const [who, whom] = [nameOf(from), nameOf(of)];
  return advice`Where ${who} is not paired with ${whom}, others may have told it so: pair these two. Else, if it goes on, ${who} does not tell the truth: ${typed('mrepl', 'peers', 'revoke', who)}`;
}
