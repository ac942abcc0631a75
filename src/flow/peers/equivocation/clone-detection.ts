import {
  type Preamble,
  type Statement,
  type Witnessed,
  witnessDigits,
} from '../../../bundle/format/bundle-contents.js';
import { witnessedMax } from '../../../bundle/format/bundle-limits.js';
import type { UnverifiedBundle } from '../../../bundle/read/open-bundle.js';
import { begun, manifestOf } from '../../../catalog/facts/bundles/manifests-by-bundle-number.js';
import type { ExportCatalog } from '../../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../../catalog/interface/mailbox-catalog.js';
import type { PeerCatalog } from '../../../catalog/interface/peer-catalog.js';
import type { SignedChangesCatalog } from '../../../catalog/interface/signed-changes-catalog.js';
import { advice, Failure, typed } from '../../../failure.js';
import type { HostId } from '../../../replica/host-id.js';
import type { Ranges } from '../../../replica/number-ranges.js';
import { coversTick, tickOf, zeroTick } from '../../../replica/version-vector.js';

// A host writes one bundle of each number. Two different ones were written by two hosts of one identity: a clone, or
// the host itself before and after its catalog was restored from a backup. Every bundle that was written or taken in is
// therefore remembered by its number and the hash of its manifest.

/** The last bundles that this host has written, and taken in of each host, by their manifests. */
export function witnessedIn(
  catalog: IdentityCatalog & PeerCatalog & ExportCatalog & FactCatalog,
): ReadonlyMap<HostId, readonly Witnessed[]> {
  const ofPeers = catalog.peers().map(({ hostId, taken }) => [hostId, taken] as const);
  const own = [catalog.identity.hostId, [[1, catalog.lastNumber()]]] as const;
  const witnessed = new Map<HostId, readonly Witnessed[]>();
  for (const [host, numbers] of [...ofPeers, own]) {
    const bundles = lastOf(catalog, host, numbers);
    if (bundles.length > 0) witnessed.set(host, bundles);
  }
  return witnessed;
}

function lastOf(catalog: FactCatalog, host: HostId, numbers: Ranges): Witnessed[] {
  const bundles: Witnessed[] = [];
  let looks = 0;
  for (const [lo, hi] of [...numbers].reverse()) {
    for (let number = hi; number >= lo && bundles.length < witnessedMax && looks < looksMax; number--, looks++) {
      const known = manifestOf(catalog, host, number);
      if (known !== null && known !== begun) bundles.unshift({ number, digest: known.slice(0, witnessDigits) });
    }
  }
  return bundles;
}

/**
 * Numbers of one host that are looked up for a bundle: some have been given out for bundles that were never finished.
 */
const looksMax = 4 * witnessedMax;

/**
 * Hosts of which the sender knows another bundle under some number than this host does, with that number: they
 * told two stories, be it that they were cloned or
 * their catalog restored from a backup, and what was taken of them here and there are different things under
 * the same names.
 */
export function otherWitnesses(catalog: FactCatalog, witnessed: Preamble['witnessed']): ReadonlyMap<HostId, number> {
  const found = new Map<HostId, number>();
  for (const [host, bundles] of witnessed) {
    const other = bundles.find(({ number, digest }) => {
      const known = manifestOf(catalog, host, number);
      return known !== null && known !== begun && !known.startsWith(digest);
    });
    if (other !== undefined) found.set(host, other.number);
  }
  return found;
}

/** Throws `identity` for a bundle in the name of this host that this host, as far as it remembers, did not write. */
export function refuseForeignSelf(
  catalog: IdentityCatalog & FactCatalog,
  bundle: UnverifiedBundle,
  doing: string,
): void {
  const { number } = bundle.preamble;
  const known = manifestOf(catalog, catalog.identity.hostId, number);
  if (known === begun || known === bundle.manifestSha256) return;
  throw notThis(`${doing}: it was written in the name of this host, but not by it`);
}

/**
 * Throws `identity` for a statement that this host has signed and that says more of what it did than it knows, or
 * something else than the one of that number
 * which it remembers. What a peer merely says of this host stops nothing: only its own signature shows that it was
 * cloned, or put back to an earlier time.
 */
export function refuseForeignWord(
  catalog: IdentityCatalog & MailboxCatalog & SignedChangesCatalog & ExportCatalog,
  { from, number, clocks }: Pick<Statement, 'from' | 'number' | 'clocks'>,
  doing: string,
): void {
  const self = catalog.identity.hostId;
  const remembered = catalog.signedUpTo(self, number)?.ticks;
  const known = new Map(catalog.summaries().map(({ state }) => [state.name, tickOf(state.clock, self)]));
  const isOther = [...clocks].some(([mailbox, clock]) => {
    const said = tickOf(clock, from.hostId);
    return (
      !coversTick(known.get(mailbox) ?? zeroTick, said) ||
      (remembered !== undefined && !coversTick(remembered.get(mailbox) ?? zeroTick, said))
    );
  });
  if (number <= catalog.lastNumber() && !isOther) return;
  throw notThis(`${doing}: this host has signed changes that its own catalog does not have, in its bundle ${number}`);
}

/** That `what` shows that this host was cloned, or its catalog restored: with what is to be done about it. */
export function notThis(what: string): Failure {
  return new Failure('identity', `${what}; nothing was changed`, {
    hint: 'This host was cloned, or its catalog was restored from a backup: "mrepl rejoin" makes it a host of its own, with the mail that is here; "mrepl rejoin --dry-run" shows how.',
  });
}

/**
 * Why nothing is used of a bundle that has the number of another one of its host which was taken in, or says
 * that its host wrote another one; null for any other.
 */
export function whySecondOfNumber(
  catalog: FactCatalog,
  { preamble, manifestSha256 }: { readonly preamble: Preamble; readonly manifestSha256: string },
  doing: string,
): Failure | null {
  const { from, number, witnessed } = preamble;
  const known = manifestOf(catalog, from.hostId, number);
  const isSecond = known !== null && known !== manifestSha256;
  const other = isSecond ? number : otherWitnesses(catalog, witnessed).get(from.hostId);
  if (other === undefined) return null;
  const { name } = from;
  return new Failure(
    'untrusted',
    `${doing}: ${name} has written another bundle with the number ${other}, which was taken in before; nothing of this one was used`,
    {
      hint: advice`If ${name} was cloned, or its catalog was restored from a backup, run "mrepl rejoin" there, and pair with it again. If neither is so, it does not tell the truth: ${typed('mrepl', 'peers', 'revoke', name)}`,
    },
  );
}
