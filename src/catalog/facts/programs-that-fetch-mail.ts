import { invariant } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { HostId } from '../../replica/host-id.js';
import type { FactCatalog } from '../interface/fact-catalog.js';
import { isHostId, readEntries, readJson, readList, writeJson } from './json-fact.js';

const tracesKey = 'fed';
const peersKey = 'fed-peers';
const saidKey = 'fed-said';

/**
 * What names in the store show of programs that fetch mail into it: beside the mail, and by mailbox as each was last
 * looked at.
 */
export type FetchTraces = {
  readonly beside: readonly string[];
  readonly mailboxes: ReadonlyMap<MailboxName, readonly string[]>;
};

/** Which programs fetch mail into a peer's store, as its bundle of this number says. */
export type PeerFetchPrograms = { readonly number: number; readonly programs: readonly string[] };

/** What a look at the own store showed last. At most a few names for each mailbox. */
export function fetchTraces(catalog: FactCatalog): FetchTraces {
  const noted = readJson(catalog, tracesKey) ?? { beside: [], mailboxes: {} };
  invariant(typeof noted === 'object', `the note ${tracesKey} is not what was written`);
  const { beside, mailboxes } = noted as Readonly<Record<string, unknown>>;
  invariant(typeof mailboxes === 'object' && mailboxes !== null, `the note ${tracesKey} has no mailboxes`);
  const byMailbox = Object.entries(mailboxes).map(([name, programs]) => [name, namesIn(programs, tracesKey)] as const);
  return { beside: namesIn(beside, tracesKey), mailboxes: new Map(byMailbox) };
}

/** Lays it down in the open transaction. */
export function putFetchTraces(catalog: FactCatalog, { beside, mailboxes }: FetchTraces): void {
  const sorted = [...mailboxes].sort(([a], [b]) => (a < b ? -1 : 1));
  const isNone = beside.length === 0 && sorted.length === 0;
  writeJson(catalog, tracesKey, isNone ? null : { beside, mailboxes: Object.fromEntries(sorted) });
}

/** By peer, as far as programs fetch mail there. */
export function peerFetchPrograms(catalog: FactCatalog): ReadonlyMap<HostId, PeerFetchPrograms> {
  return new Map(
    readEntries(catalog, peersKey).map(([host, row]) => {
      invariant(typeof row === 'object' && row !== null, `the note ${peersKey} is not what was written`);
      const { number, programs } = row as Readonly<Record<string, unknown>>;
      invariant(typeof number === 'number', `the note ${peersKey} has no number`);
      return [host, { number, programs: namesIn(programs, peersKey) }];
    }),
  );
}

/** Lays it down, in the open transaction or one of its own. */
export function putPeerFetchPrograms(catalog: FactCatalog, peers: ReadonlyMap<HostId, PeerFetchPrograms>): void {
  writeJson(catalog, peersKey, peers.size === 0 ? null : Object.fromEntries(peers));
}

/** The peers of which it was said that programs fetch mail there as well as here. */
export function fetchingPeersSaid(catalog: FactCatalog): readonly HostId[] {
  return readList(catalog, saidKey).map((host) => {
    invariant(isHostId(host), `the note ${saidKey} is not a list of hosts`);
    return host;
  });
}

/** Lays them down, in the open transaction. */
export function putFetchingPeersSaid(catalog: FactCatalog, hosts: readonly HostId[]): void {
  writeJson(catalog, saidKey, hosts);
}

function namesIn(value: unknown, key: string): readonly string[] {
  invariant(Array.isArray(value), `the note ${key} is not a list of programs`);
  return value.map(String);
}
