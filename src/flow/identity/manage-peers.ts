import { stillWritingFor } from '../../catalog/facts/peers/hosts-peers-write-for.js';
import { strangersIn } from '../../catalog/facts/peers/hosts-vouched-for-by-peers.js';
import type { PairedHost, PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import { advice, Failure, typed } from '../../failure.js';
import type { HostId } from '../../replica/host-id.js';
import type { Right } from '../../replica/peer-permission.js';
import { type Fingerprint, fingerprintOf } from '../../trust/identity/card-fingerprint.js';
import { changeRight } from '../peers/acknowledge-limited-peers.js';
import { keysOfHost } from '../peers/paired-host-keys.js';
import { forgetUnused } from '../peers/vouched-hosts/hosts-known-by-word-of-peers.js';
import { benchFor, type Session } from '../session/account-session.js';

export type PeersReport = {
  readonly kind: 'peers';
  readonly account: string;
  readonly host: { readonly hostId: HostId; readonly name: string; readonly fingerprint: Fingerprint };
  readonly peers: readonly {
    readonly hostId: HostId;
    readonly name: string;
    readonly right: Right;
    readonly revoked: boolean;
    /** It goes on under another id. */
    readonly retired: boolean;
    readonly fingerprint: Fingerprint;
    readonly pairedAtS: number;
    /** Null where nothing of it ever came. */
    readonly lastHeardS: number | null;
    /** Hosts that are known on its word alone. */
    readonly vouchesFor: number;
  }[];
  /** What came of it that one was revoked just now; `declined` where the answer was no, null where nobody asked. */
  readonly revoked: Revoked | 'declined' | null;
};

/** The hosts that this one is paired with, and itself. */
export function peersOf(
  { catalog, keys }: Pick<Session, 'catalog' | 'keys'>,
  revoked: PeersReport['revoked'] = null,
): PeersReport {
  const { account, hostId, hostName } = catalog.identity;
  const { signingKey, ageIdentity } = keys();
  const own = { account, hostId, signingKey: signingKey.publicKey, ageRecipient: ageIdentity.recipient };
  const vouched = [...strangersIn(catalog).values()];
  const heard = new Map(catalog.peers().map((peer) => [peer.hostId, peer.lastHeardS]));
  return {
    kind: 'peers',
    account,
    host: { hostId, name: hostName, fingerprint: fingerprintOf(own) },
    peers: catalog.pairedHosts().map((host) => ({
      hostId: host.hostId,
      name: host.name,
      right: host.right,
      revoked: host.isRevoked,
      retired: host.isRetired,
      fingerprint: fingerprintOf({ account, hostId: host.hostId, ...keysOfHost(host) }),
      pairedAtS: host.pairedAtS,
      lastHeardS: heard.get(host.hostId) ?? null,
      vouchesFor: vouched.filter(({ by }) => by === host.hostId).length,
    })),
    revoked,
  };
}

/** Calls a peer something else, here only. Throws `usage` where there is no such peer, or another one of that name. */
export function renamePeer({ catalog }: Pick<Session, 'catalog'>, name: string, newName: string): void {
  const host = pairedHost(catalog, name);
  if (catalog.pairedHosts().some((other) => other.name === newName && other.hostId !== host.hostId)) {
    throw new Failure('usage', `renaming ${name}: another peer is called ${newName}`);
  }
  catalog.putPairedHost({ ...host, name: newName });
}

/**
 * Says what a peer's bundles may change here. Throws `usage` where there is no such peer, or nothing of it is taken.
 */
export function limitPeer({ catalog }: Pick<Session, 'catalog'>, name: string, right: Right): void {
  const host = pairedHost(catalog, name);
  if (host.isRevoked) {
    throw new Failure('usage', `limiting ${name}: it was revoked, so nothing of it is taken; nothing was changed`, {
      hint: advice`To take it up again with that right: ${typed('mrepl', 'pair', 'DIR', '--fingerprint', 'FINGERPRINT', '--right', right)}`,
    });
  }
  changeRight(catalog, host.hostId, right);
}

/** What is left of a host that was revoked. */
export type Revoked = {
  readonly name: string;
  /** So many hosts that were known on its word alone were forgotten. */
  readonly forgotten: number;
  /** Of so many others there are messages or flags, which stay. */
  readonly remaining: number;
  /** Peers that wrote their last bundles also for it. */
  readonly unaware: readonly string[];
};

/** Throws `usage` where there is no peer of that name. */
export function requirePeer({ catalog }: Pick<Session, 'catalog'>, name: string): void {
  pairedHost(catalog, name);
}

/**
 * From now on nothing of the peer is taken, and nothing is sealed to it. Hosts that were known on its word alone are
 * forgotten, as far as nothing of them is
 * here. Throws `usage` where there is no such peer.
 */
export function revokePeer(session: Session, name: string): Revoked {
  const { catalog } = session;
  const host = pairedHost(catalog, name);
  return catalog.transaction(() => {
    catalog.putPairedHost({ ...host, isRevoked: true });
    const vouched = [...strangersIn(catalog)].flatMap(([stranger, { by }]) => (by === host.hostId ? [stranger] : []));
    const { forgotten, remaining } = forgetUnused(benchFor(session), new Set(vouched));
    const unaware = stillWritingFor(catalog, host.hostId);
    return { name, forgotten: forgotten.length, remaining: remaining.length, unaware };
  });
}

function pairedHost(catalog: PairedHostCatalog, name: string): PairedHost {
  const hosts = catalog.pairedHosts();
  const host = hosts.find((one) => one.name === name);
  if (host !== undefined) return host;
  const names = hosts.map((one) => one.name).join(', ');
  throw new Failure('usage', `this host has no peer called ${name} (peers: ${names === '' ? 'none' : names})`, {
    hint:
      names === ''
        ? advice`Hosts become peers with: ${typed('mrepl', 'pair', 'DIR')}`
        : advice`To see them all: ${typed('mrepl', 'peers')}`,
  });
}
