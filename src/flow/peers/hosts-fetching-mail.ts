import type { Catalog } from '../../catalog/interface/catalog.js';
import { recipientsOf } from '../../catalog/interface/recipients-and-permissions.js';
import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { Fed } from '../reports/fetched-mail-report.js';
import type { Arrival } from './incoming-bundle.js';

// A mail that one host has fetched, and another got by a bundle before its own program fetched it, is new to that program: it uploads it. Nobody here can
// prevent that. So hosts tell one another which programs fetch mail into their stores, and where two do, each says so, once.

/** What names in the store show: beside the mail, and by mailbox as each was last looked at. */
type Traces = {
  readonly beside: readonly string[];
  readonly mailboxes: Readonly<Record<MailboxName, readonly string[]>>;
};

type PeerTraces = Readonly<Record<HostId, { readonly number: number; readonly programs: readonly string[] }>>;

const tracesKey = 'fed';
const peersKey = 'fed-peers';
const saidKey = 'fed-said';

/** Lays down in the open transaction what a look at the store showed. */
export function rememberTraces(
  catalog: Catalog,
  {
    beside,
    looked,
  }: { readonly beside: readonly string[]; readonly looked: ReadonlyMap<MailboxName, readonly string[]> },
): void {
  const before = tracesIn(catalog);
  const mailboxes = new Map(Object.entries(before.mailboxes));
  for (const [mailbox, programs] of looked) {
    if (programs.length > 0) mailboxes.set(mailbox, programs);
    else mailboxes.delete(mailbox);
  }
  const names = [...mailboxes.keys()].sort();
  const after: Traces = {
    beside,
    mailboxes: Object.fromEntries(names.map((name) => [name, mailboxes.get(name) ?? []])),
  };
  const isNone = beside.length === 0 && names.length === 0;
  put(catalog, tracesKey, isNone ? null : after);
}

/** By name. */
export function fedHere(catalog: Catalog): readonly string[] {
  const { beside, mailboxes } = tracesIn(catalog);
  return [...new Set([beside, ...Object.values(mailboxes)].flat())].sort();
}

/** Remembers what bundles say of their senders, of each the newest. */
export function hearFed(catalog: Catalog, arrivals: readonly Pick<Arrival, 'preamble'>[]): void {
  const peers: Record<HostId, PeerTraces[HostId]> = { ...peersIn(catalog) };
  for (const { preamble } of arrivals) {
    if (preamble === null) continue;
    const { from, number, fed } = preamble;
    if (number >= (peers[from.hostId]?.number ?? 0)) peers[from.hostId] = { number, programs: fed };
  }
  const fed = Object.entries(peers).filter(([, { programs }]) => programs.length > 0);
  put(catalog, peersKey, fed.length === 0 ? null : Object.fromEntries(fed));
}

/** Null unless programs fetch mail into this host's store and into that of a peer. */
export function fedTogether(catalog: Catalog): Fed | null {
  const here = fedHere(catalog);
  if (here.length === 0) return null;
  const heard = peersIn(catalog);
  const peers = recipientsOf(catalog).flatMap(({ hostId, hostName }) => {
    const programs = heard[hostId]?.programs ?? [];
    return programs.length === 0 ? [] : [{ hostId, name: hostName, programs }];
  });
  return peers.length === 0 ? null : { here, peers };
}

/** The same, of peers of which it was not said yet; they are noted, in the open transaction. */
export function sayFed(catalog: Catalog): Fed | null {
  const fed = fedTogether(catalog);
  if (fed === null) return null;
  const said: unknown = JSON.parse(catalog.note(saidKey) ?? '[]');
  invariant(Array.isArray(said), `the note ${saidKey} is not a list`);
  const peers = fed.peers.filter(({ hostId }) => !said.includes(hostId));
  if (peers.length === 0) return null;
  put(catalog, saidKey, [...said, ...peers.map(({ hostId }) => hostId)]);
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

function tracesIn(catalog: Catalog): Traces {
  return JSON.parse(catalog.note(tracesKey) ?? '{"beside":[],"mailboxes":{}}') as Traces;
}

function peersIn(catalog: Catalog): PeerTraces {
  return JSON.parse(catalog.note(peersKey) ?? '{}') as PeerTraces;
}

function put(catalog: Catalog, key: string, value: object | null): void {
  const after = value === null ? null : JSON.stringify(value);
  if (catalog.note(key) !== after) catalog.setNote(key, after);
}
