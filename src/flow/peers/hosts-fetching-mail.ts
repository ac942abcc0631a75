import {
  fetchingPeersSaid,
  fetchTraces,
  peerFetchPrograms,
  putFetchingPeersSaid,
  putFetchTraces,
  putPeerFetchPrograms,
} from '../../catalog/facts/programs-that-fetch-mail.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Fed } from '../reports/fetched-mail-report.js';
import type { Arrival } from './incoming-bundle.js';

// A mail that one host has fetched, and another got by a bundle before its own program fetched it, is new to that
// program: it uploads it. Nobody here can prevent that. So hosts tell one another which programs fetch mail into their
// stores, and where two do, each says so, once.

/** Lays down in the open transaction what a look at the store showed. */
export function rememberTraces(
  catalog: FactCatalog,
  {
    beside,
    looked,
  }: { readonly beside: readonly string[]; readonly looked: ReadonlyMap<MailboxName, readonly string[]> },
): void {
  const mailboxes = new Map(fetchTraces(catalog).mailboxes);
  for (const [mailbox, programs] of looked) {
    if (programs.length > 0) mailboxes.set(mailbox, programs);
    else mailboxes.delete(mailbox);
  }
  putFetchTraces(catalog, { beside, mailboxes });
}

/** By name. */
export function fedHere(catalog: FactCatalog): readonly string[] {
  const { beside, mailboxes } = fetchTraces(catalog);
  return [...new Set([beside, ...mailboxes.values()].flat())].sort();
}

/** Remembers what bundles say of their senders, of each the newest. */
export function hearFed(catalog: FactCatalog, arrivals: readonly Pick<Arrival, 'preamble'>[]): void {
  const peers = new Map(peerFetchPrograms(catalog));
  for (const { preamble } of arrivals) {
    if (preamble === null) continue;
    const { from, number, fed } = preamble;
    if (number >= (peers.get(from.hostId)?.number ?? 0)) peers.set(from.hostId, { number, programs: fed });
  }
  putPeerFetchPrograms(catalog, new Map([...peers].filter(([, { programs }]) => programs.length > 0)));
}

/** Null unless programs fetch mail into this host's store and into that of a peer. */
export function fedTogether(catalog: PeerCatalog & PairedHostCatalog & FactCatalog): Fed | null {
  const here = fedHere(catalog);
  if (here.length === 0) return null;
  const heard = peerFetchPrograms(catalog);
  const peers = recipientsOf(catalog).flatMap(({ hostId, hostName }) => {
    const programs = heard.get(hostId)?.programs ?? [];
    return programs.length === 0 ? [] : [{ hostId, name: hostName, programs }];
  });
  return peers.length === 0 ? null : { here, peers };
}

/** The same, of peers of which it was not said yet; they are noted, in the open transaction. */
export function sayFed(catalog: PeerCatalog & PairedHostCatalog & FactCatalog): Fed | null {
  const fed = fedTogether(catalog);
  if (fed === null) return null;
  const said = fetchingPeersSaid(catalog);
  const peers = fed.peers.filter(({ hostId }) => !said.includes(hostId));
  if (peers.length === 0) return null;
  putFetchingPeersSaid(catalog, [...said, ...peers.map(({ hostId }) => hostId)]);
  return { ...fed, peers };
}

/** As a sentence without a full stop. */
export function fedText({ here, peers }: Fed): string {
  const there = peers.map(({ name, programs }) => `${listed(programs)} into that of ${name}`);
  return `${listed(here)} ${here.length === 1 ? 'fetches' : 'fetch'} mail into this store, and ${listed(there)}: what one host passes on before the other has fetched it may come twice, and go to the provider twice`;
}

export const fedRemedy =
  'Let one host fetch the mail, and the others get it by mrepl; or fetch on all of them right before each exchange: mrepl-beside(7). Nothing need be done where names are all that is left of those programs.';

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
