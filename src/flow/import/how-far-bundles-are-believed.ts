import { splitsIn } from '../../catalog/facts/peers/births-that-differ-at-peers.js';
import { disownedIn } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { SignedChangesCatalog } from '../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../catalog/interface/statement-catalog.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import {
  type PairedKey,
  type SignedTicks,
  type Vouched,
  vouchedFor,
} from '../../merge/signed-changes/judge-how-far-changes-are-signed.js';
import type { HostId } from '../../replica/host-id.js';
import { type Clock, type Tick, tickOf, zeroTick } from '../../replica/version-vector.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import { believedIn, keyOfKept, type StatementsTaken } from '../peers/signed-statements/keep-signed-statements.js';

/** How far what a bundle says of a host's deeds in a mailbox is to be believed. */
export type Vouching = (arrival: Arrival, mailbox: MailboxName, host: HostId) => Vouched;

/** For bundles whose statements have been taken up. `ownKey`: that of this host. */
export function vouchingIn(
  catalog: IdentityCatalog & PairedHostCatalog & StatementCatalog & SignedChangesCatalog & FactCatalog,
  { shown }: Pick<StatementsTaken, 'shown'>,
  ownKey: () => string,
): Vouching {
  const self = catalog.identity.hostId;
  const newest = catalog.signedNumbers();
  const unsigned = new Map<MailboxName, Clock>(catalog.unsignedClocks());
  const pairedHosts = new Map(catalog.pairedHosts().map((host) => [host.hostId, host]));
  const paired = (host: HostId): PairedKey | null => {
    if (host === self) return { key: ownKey(), isSilent: false };
    const known = pairedHosts.get(host);
    return known === undefined ? null : { key: known.signingKey, isSilent: known.isRevoked || known.isRetired };
  };
  const keyOf = remembered((host: HostId) => paired(host)?.key ?? keyOfKept(catalog, host));
  const signedUpTo = remembered((which: string): SignedTicks | null => {
    const [host = '', number] = which.split(' ');
    const key = keyOf(host);
    const deeds = key === null ? null : catalog.signedUpTo(host, Number(number));
    if (key === null || deeds === null) return null;
    return { key, number: deeds.number, tickIn: (mailbox) => deeds.ticks.get(mailbox) ?? zeroTick };
  });
  const isBelieved = believedIn(catalog);
  const disowned = disownedIn(catalog);
  const splits = new Set(splitsIn(catalog).map(({ from, of }) => `${from} ${of}`));
  // Of a host that is not paired it holds as long as the one who showed it is believed.
  const isForgotten = (host: HostId): boolean =>
    paired(host) === null && !isBelieved(catalog.statementOf(host)?.saidBy ?? host);
  const held = remembered((host: HostId): SignedTicks | null => {
    const number = newest.get(host);
    return number === undefined || isForgotten(host) ? null : signedUpTo(`${host} ${number}`);
  });
  const shownBy = (arrival: Arrival, host: HostId): SignedTicks | null => {
    const passedOn = shown.get(arrival)?.get(host);
    if (passedOn !== undefined) return passedOn;
    const number = arrival.preamble?.statements.get(host)?.number;
    return number === undefined ? null : signedUpTo(`${host} ${number}`);
  };
  return (arrival, mailbox, host) =>
    vouchedFor(host, mailbox, {
      self,
      from: arrival.preamble?.from.hostId ?? '',
      held,
      shown: (of) => shownBy(arrival, of),
      paired,
      isApart: (of) => disowned.has(of) || splits.has(`${arrival.preamble?.from.hostId} ${of}`),
      before: (of): Tick => tickOf(unsigned.get(mailbox) ?? noClock, of),
    });
}

const noClock: Clock = new Map();

function remembered<T>(find: (key: string) => T): (key: string) => T {
  const found = new Map<string, T>();
  return (key) => {
    const known = found.get(key);
    if (known !== undefined || found.has(key)) return known as T;
    const value = find(key);
    found.set(key, value);
    return value;
  };
}
