import type { UnverifiedBundle } from '../../bundle/read/open-bundle.js';
import { formerSelf } from '../../catalog/facts/own-host/previous-identity.js';
import { disownedIn } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { PairedHost, PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import { type Advice, advice, Failure, type FailureCode, typed } from '../../failure.js';
import { serverAccountId, shownStore } from '../../store/paths-and-settings-of-store.js';
import { refuseForeignSelf, whySecondOfNumber } from '../peers/equivocation/clone-detection.js';
import { toldTwoStories } from '../peers/equivocation/hosts-that-told-two-stories.js';
import { type Arrival, refused } from '../peers/incoming-bundle.js';
import type { Session } from '../session/account-session.js';

/**
 * Who wrote the bundle: a paired host that meant it for this one, or this host itself, be it before it began again.
 * Throws `bundle-not-for-us`, `revoked`, `untrusted` for what was not written by a paired host or is a second bundle of
 * one number, `config` where that host has the same account on a server as its store, and `identity` where it is in our
 * name and not ours, or speaks of more than this host has ever said.
 */
export function writerOf(
  session: Pick<Session, 'catalog' | 'keys'>,
  bundle: UnverifiedBundle,
  fileName: string,
): 'self' | PairedHost {
  const { account, from, to } = bundle.preamble;
  const { identity, pairedHosts } = session.catalog;
  const refuse = (code: FailureCode, what: string, hint: Advice | string): Failure =>
    new Failure(code, `importing ${fileName}: ${what}; nothing of it was used`, { hint });
  if (account !== identity.account) {
    const hint = 'Choose the account with --account; all hosts of an account must use one name for it.';
    throw refuse('bundle-not-for-us', `it is of the account ${account}, and this is ${identity.account}`, hint);
  }
  if (from.hostId === identity.hostId) {
    if (bundle.signedBy !== session.keys().signingKey.publicKey) {
      const hint = 'Somebody forged it, or this host was given new keys since.';
      throw refuse('untrusted', 'it says that this host wrote it, and is signed with another key', hint);
    }
    refuseForeignSelf(session.catalog, bundle, `importing ${fileName}`);
    return 'self';
  }
  if (from.hostId === formerSelf(session.catalog)?.hostId) return 'self'; // what only it knew is for others to take in
  const host = pairedHosts().find(({ hostId }) => hostId === from.hostId);
  if (host === undefined) {
    const hint = advice`If ${from.name} is a host of yours, pair with it, on both: ${typed('mrepl', 'pair', 'DIR')}`;
    throw refuse('untrusted', `it is from ${from.name}, a host that this one is not paired with`, hint);
  }
  if (bundle.signedBy !== host.signingKey) {
    const hint = `Somebody forged it, or ${host.name} was set up anew: then pair with it again.`;
    throw refuse('untrusted', `it says that ${host.name} wrote it, and is signed with another key`, hint);
  }
  if (host.isRevoked) {
    const hint = `"mrepl peers" lists the hosts; "mrepl pair DIR --fingerprint ..." takes up ${host.name} again.`;
    throw refuse('revoked', `it is from ${host.name}, which was revoked here`, hint);
  }
  if (to.length > 0 && !to.includes(identity.hostId)) {
    const hint = `${host.name} does not know this host: run "mrepl pair DIR" there, and export again.`;
    throw refuse('bundle-not-for-us', `${host.name} wrote it for other hosts`, hint);
  }
  const { serverAccount } = bundle.preamble;
  if (serverAccount !== undefined && serverAccount === serverAccountId(identity.store)) {
    const hint = advice`What one of them uploads is new mail to the other. Take one of the two out, there or here: ${typed('mrepl', 'uninit')}`;
    throw refuse('config', `${host.name} has the same account as its store, ${shownStore(identity.store)}`, hint);
  }
  const doing = `importing ${fileName}`;
  const disowned = disownedIn(session.catalog).get(host.hostId);
  if (disowned !== undefined) throw asOf(host, toldTwoStories(host.name, disowned, doing));
  return host;
}

/**
 * The bundles, without anything of those of hosts that told two stories, now that it is known, and of second bundles of
 * one number: these are refused, and closed.
 */
export async function refuseEquivocal(
  catalog: PairedHostCatalog & FactCatalog,
  arrivals: readonly Arrival[],
): Promise<readonly Arrival[]> {
  const disowned = disownedIn(catalog);
  const left: Arrival[] = [];
  for (const arrival of arrivals) {
    const { preamble, fileName, manifestSha256 } = arrival;
    const host = catalog.pairedHosts().find(({ hostId }) => hostId === preamble?.from.hostId);
    if (preamble === null || host === undefined) {
      left.push(arrival);
      continue;
    }
    const doing = `importing ${fileName}`;
    const told = disowned.get(host.hostId);
    const failure =
      told !== undefined
        ? toldTwoStories(host.name, told, doing)
        : whySecondOfNumber(catalog, { preamble, manifestSha256 }, doing);
    if (failure !== null) await arrival.close();
    left.push(failure === null ? arrival : refused(arrival, asOf(host, failure)));
  }
  return left;
}

/** What is found in a bundle of a host that goes on as another one is said once. */
function asOf({ isRetired }: PairedHost, failure: Failure): Failure {
  return isRetired ? ofTheRetired(failure) : failure;
}

/** It will write no other: so this is said once, as of one that was revoked. */
function ofTheRetired({ message }: Failure): Failure {
  return new Failure('revoked', message, {
    hint: 'Nothing to do: it goes on as another host, which brings what was in it.',
  });
}
