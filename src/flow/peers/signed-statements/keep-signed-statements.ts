import type { Said, SignedStatement, Witnessed } from '../../../bundle/format/bundle-contents.js';
import { signerOf, statementDigest } from '../../../bundle/format/signed-statement-json.js';
import {
  addUnsigned,
  dropUnsigned,
  unsignedHosts,
} from '../../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import { disownedIn } from '../../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { Catalog } from '../../../catalog/interface/catalog.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { MailboxCatalog } from '../../../catalog/interface/mailbox-catalog.js';
import type { PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { Peer, PeerCatalog } from '../../../catalog/interface/peer-catalog.js';
import { rightsIn } from '../../../catalog/interface/recipients-and-permissions.js';
import type { SignedChangesCatalog, SignedDeeds } from '../../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../../catalog/interface/statement-catalog.js';
import { Failure } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import {
  type HeldTicks,
  type SignedTicks,
  whatToKeep,
} from '../../../merge/signed-changes/judge-how-far-changes-are-signed.js';
import type { HostId } from '../../../replica/host-id.js';
import { coversTick, zeroTick } from '../../../replica/version-vector.js';
import { addShare, type Shares, takeShare } from '../../../replica/vouched-hosts.js';
import { refuseForeignWord } from '../equivocation/clone-detection.js';
import type { Arrival } from '../incoming-bundle.js';
import { deedsIn, readSigned } from '../read-signed-statement.js';
import type { Room } from '../vouched-hosts/intake-limits.js';

// What a host says that it knows, it signs, and others pass it on as it is (mrepl-bundle(5), STATEMENTS). So a relay
// cannot put words into the mouth of a host whose key is known here.

/**
 * Bytes of statements that are kept of hosts which are not paired with this one, all together. Anybody could make up
 * such hosts, and who passes them on would carry them for ever. Of those that one peer vouches for, none that is
 * further away takes room from one that is nearer.
 */
export const unverifiedBytesMax = 16 << 20;

/**
 * A statement is passed on as long as it has no more bytes than this, and four times what this host would say itself: a
 * host that says the truth knows of few mailboxes that others do not. Inclusive. The first is for the texts that it may
 * ask for; a host that is limited here does not ask through this one.
 */
const passedOnBytesMax = 1 << 20;
const passedOnBytesMaxOfLimited = 64 << 10;
const passedOnRatioMax = 4;

/** What was passed on of a host, and taken up. */
export type Heard = {
  readonly statement: Said;
  /** Signed with the key that its host is paired with here; else it is the word of `saidBy`. */
  readonly isVerified: boolean;
  /** Whose bundle passed it on. */
  readonly saidBy: HostId;
};

export type StatementsTaken = {
  readonly heard: readonly Heard[];
  readonly troubles: readonly Trouble[];
  /** What each bundle passes on, by host: null where the host did not sign it. */
  readonly shown: ReadonlyMap<Arrival, ReadonlyMap<HostId, SignedTicks | null>>;
  /**
   * Hosts whose own word has come, for the first time or with another key than before: what was believed of them
   * without it gives way.
   */
  readonly givingWay: ReadonlySet<HostId>;
};

/**
 * Takes up, in the open transaction, what the bundles say of their senders and pass on of others: of each host the
 * newest is kept. What is not what a paired host signed is not used, and told as a trouble; nor is more of other hosts
 * than there is `room` for. Of a host that is not paired only a peer with every right is listened to. Throws `identity`
 * where this host itself has signed what it does not know.
 */
export function takeStatements(
  catalog: Catalog,
  arrivals: readonly Arrival[],
  { room, ownKey }: { readonly room: Pick<Room, 'admitsHost' | 'vouchOf'>; readonly ownKey: () => string },
): StatementsTaken {
  const { account, hostId: self } = catalog.identity;
  const keyOf = new Map<HostId, () => string>([[self, ownKey]]);
  const keys = new Map(catalog.pairedHosts().map(({ hostId, signingKey }) => [hostId, signingKey]));
  const rightOf = rightsIn(catalog);
  const disowned = disownedIn(catalog);
  const keeper = keeperIn(catalog, keys, room.vouchOf);
  const heard: Heard[] = [];
  const troubles: Trouble[] = [];
  const shown = new Map<Arrival, Map<HostId, SignedTicks | null>>();
  for (const arrival of arrivals) {
    const { preamble, statement: own, fileName } = arrival;
    if (preamble === null || own === null) continue;
    const { hostId: saidBy } = preamble.from;
    const ownKey = keys.get(saidBy);
    if (ownKey !== undefined) keeper.keep({ signed: own, statement: preamble, key: ownKey, saidBy });
    const passedOn = new Map<HostId, SignedTicks | null>();
    shown.set(arrival, passedOn);
    for (const signed of preamble.relayed) {
      const found = readSigned(signed, account);
      if ('strange' in found) {
        troubles.push({ subject: fileName, failure: notSaid(fileName, found.strange) });
        continue;
      }
      const { statement, key } = found;
      const { hostId, name } = statement.from;
      const pairedKey = keys.get(hostId) ?? keyOf.get(hostId)?.();
      const isForged = key === null || (pairedKey !== undefined && key !== pairedKey);
      passedOn.set(hostId, isForged ? null : ticksOf(statement, key));
      if (isForged) {
        const what = `what it passes on of ${name} is not signed by that host`;
        troubles.push({ subject: fileName, failure: notSaid(fileName, what) });
        continue;
      }
      if (hostId === self) refuseForeignWord(catalog, statement, `importing ${fileName}`);
      if (hostId === self || hostId === saidBy || disowned.has(hostId)) continue;
      if (!room.admitsHost(hostId, { hostId: saidBy, said: preamble.strangers })) continue;
      const isVerified = pairedKey !== undefined;
      heard.push({ statement, isVerified, saidBy });
      if (isVerified || rightOf(saidBy) === 'full') keeper.keep({ signed, statement, key, saidBy });
    }
  }
  return { heard, troubles, shown, givingWay: keeper.givingWay };
}

type Offered = {
  readonly signed: SignedStatement;
  readonly statement: Said;
  readonly key: string;
  readonly saidBy: HostId;
};

/** Keeps statements in the catalog, and notes whose first one it is. */
function keeperIn(
  catalog: MailboxCatalog & PairedHostCatalog & StatementCatalog & SignedChangesCatalog & FactCatalog,
  keys: ReadonlyMap<HostId, string>,
  vouchOf: Room['vouchOf'],
): { readonly givingWay: ReadonlySet<HostId>; keep(offered: Offered): void } {
  const kept = new Map(catalog.statementNumbers());
  const remembered = new Map(catalog.signedNumbers());
  const isBelieved = believedIn(catalog);
  const unsigned = new Set(unsignedHosts(catalog));
  const givingWay = new Set<HostId>();
  /** Of hosts that are not paired here: is there room for this statement, in the place of the one that is kept? */
  const hasRoom = (hostId: HostId, sizeBytes: number): boolean => {
    const shares: Shares = new Map();
    let freeBytes = unverifiedBytesMax;
    for (const [host, each] of kept) {
      if (each.isVerified || host === hostId) continue;
      addShare(shares, vouchOf(host), each.sizeBytes);
      freeBytes -= each.sizeBytes;
    }
    return takeShare(shares, vouchOf(hostId), sizeBytes, freeBytes);
  };
  const heldOf = (host: HostId): HeldTicks | null => {
    const number = remembered.get(host);
    if (number === undefined) return null;
    const key = keys.get(host) ?? keyOfKept(catalog, host);
    return key === null ? null : { key, number, saidBy: kept.get(host)?.saidBy ?? host, tickIn: () => zeroTick };
  };
  return {
    givingWay,
    keep({ signed, statement, key, saidBy }) {
      const { number, from } = statement;
      const { hostId } = from;
      const pairedKey = keys.get(hostId) ?? null;
      const held = heldOf(hostId);
      const outcome = whatToKeep(ticksOf(statement, key), held, { from: saidBy, pairedKey, isBelieved });
      if (outcome === null) return;
      const sizeBytes = Buffer.byteLength(signed.text);
      const isVerified = pairedKey !== null;
      if (!isVerified && !hasRoom(hostId, sizeBytes)) return;
      const row = { hostId, number, text: signed.text, sig: signed.sig, isVerified, saidBy };
      catalog.putStatement(row);
      kept.set(hostId, { ...row, sizeBytes });
      const deeds = deedsIn(statement);
      const isBegin = outcome === 'begin';
      if (isBegin) catalog.dropSigned(hostId);
      const isOver = isBegin && (held !== null || (isVerified && isContradicted(catalog, hostId, deeds)));
      if (isOver || unsigned.has(hostId)) givingWay.add(hostId);
      dropUnsigned(catalog, hostId);
      // Of one that is not paired the statement itself is always shown, so that nobody refers to one before it.
      if (!isVerified) catalog.dropSigned(hostId);
      catalog.putSigned(hostId, deeds);
      remembered.set(hostId, number);
    },
  };
}

/** Is the word of this host on others taken? */
export function believedIn(catalog: PairedHostCatalog): (host: HostId) => boolean {
  const rightOf = rightsIn(catalog);
  const revoked = new Set(catalog.pairedHosts().flatMap(({ hostId, isRevoked }) => (isRevoked ? [hostId] : [])));
  return (host) => !revoked.has(host) && rightOf(host) === 'full';
}

/** Is more believed of the host than it says itself? */
function isContradicted(catalog: MailboxCatalog, host: HostId, { ticks }: SignedDeeds): boolean {
  return catalog.summaries().some(({ state }) => {
    const believed = state.clock.get(host);
    return believed !== undefined && !coversTick(ticks.get(state.name) ?? zeroTick, believed);
  });
}

/**
 * Looks once more at what is kept of a host, now that its keys have changed or become known: what it did not sign is
 * forgotten, and what was believed with it gives way to its own word. To be called in the transaction that pairs it. A
 * host that was paired and has new keys is the same host.
 */
export function reviewStatement(
  catalog: PeerCatalog & PairedHostCatalog & StatementCatalog & SignedChangesCatalog & FactCatalog,
  hostId: HostId,
): void {
  const kept = catalog.statementOf(hostId);
  const key = catalog.pairedHosts().find((host) => host.hostId === hostId)?.signingKey;
  if (kept === null || key === undefined) return;
  if (signerOf(kept) === key) {
    catalog.putStatement({ ...kept, isVerified: true });
    return;
  }
  catalog.dropStatement(hostId);
  if (!kept.isVerified) {
    catalog.dropSigned(hostId);
    addUnsigned(catalog, [hostId]);
  }
  // What others said that it knows it may not know.
  const peer = catalog.peers().find((each) => each.hostId === hostId);
  if (peer !== undefined && !peer.isDirect) {
    catalog.putPeer({ ...peer, lastNumber: 0, clocks: new Map(), wanted: new Set(), unheard: new Set() });
  }
}

function ticksOf(statement: Said, key: string): SignedTicks {
  const { number, ticks } = deedsIn(statement);
  return { key, number, tickIn: (mailbox) => ticks.get(mailbox) ?? zeroTick };
}

/**
 * The key with which the statement that is kept of a host is signed: of a host that is not paired, that is the one that
 * it counts as having.
 */
export function keyOfKept(catalog: StatementCatalog, host: HostId): string | null {
  const kept = catalog.statementOf(host);
  return kept === null ? null : signerOf(kept);
}

/** The newest statement of each host that this one holds. */
export function heldStatements(catalog: StatementCatalog): ReadonlyMap<HostId, Witnessed> {
  return new Map(
    [...catalog.statementNumbers()].map(([host, { number }]) => {
      const digest = statementDigest(catalog.statementOf(host)?.text ?? '');
      return [host, { number, digest }];
    }),
  );
}

type PassingOn = {
  readonly first: ReadonlySet<HostId>;
  /** As `heldStatements` has it. */
  readonly held: ReadonlyMap<HostId, Witnessed>;
  /** What this host says itself. */
  readonly clocks: Said['clocks'];
};

/**
 * What is to be passed on: statements that some recipient is not known to hold. Their makers get their own back each
 * time: one whose catalog was put back to an earlier time, or that has a clone, learns of it. Those of hosts that are
 * not paired here always, too, as what goes by the same number at the recipient may be another one. First those of
 * `first`, then verified ones, the smaller before the larger, as there may not be room for all.
 */
export function statementsFor(
  catalog: IdentityCatalog & StatementCatalog & PairedHostCatalog,
  recipients: readonly Peer[],
  { first, held, clocks }: PassingOn,
): readonly SignedStatement[] {
  const { hostId: self } = catalog.identity;
  const rightOf = rightsIn(catalog);
  const paired = new Set(catalog.pairedHosts().map(({ hostId }) => hostId));
  const ownBytes = bytesOfClocks(clocks);
  const bytesMaxOf = (host: HostId): number =>
    passedOnRatioMax * ownBytes +
    (paired.has(host) && rightOf(host) !== 'full' ? passedOnBytesMaxOfLimited : passedOnBytesMax);
  const isNewTo = (peer: Peer, host: HostId): boolean => {
    const [theirs, ours] = [peer.statements.get(host), held.get(host)];
    if (theirs === undefined || ours === undefined || theirs.number < ours.number) return true;
    return theirs.number === ours.number && theirs.digest !== ours.digest; // their host tells two stories
  };
  const wanted = [...catalog.statementNumbers()].filter(
    ([host, { isVerified, sizeBytes }]) =>
      host !== self &&
      sizeBytes <= bytesMaxOf(host) &&
      recipients.some((peer) => peer.hostId === host || !isVerified || isNewTo(peer, host)),
  );
  const rank = ([host, { isVerified }]: (typeof wanted)[number]): number => (first.has(host) ? 0 : isVerified ? 1 : 2);
  const size = ([, { sizeBytes }]: (typeof wanted)[number]): number => sizeBytes;
  return wanted
    .sort((a, b) => rank(a) - rank(b) || size(a) - size(b))
    .flatMap(([host]) => catalog.statementOf(host) ?? []);
}

/** As a statement has them. */
function bytesOfClocks(clocks: Said['clocks']): number {
  const lists = [...clocks].map(([name, clock]) => [
    name,
    [...clock.values()].map(({ serial, modseq }) => [0, serial, modseq]),
  ]);
  return Buffer.byteLength(JSON.stringify(lists));
}

function notSaid(fileName: string, what: string): Failure {
  return new Failure('untrusted', `importing ${fileName}: ${what}; that was not used`, {
    hint: 'The rest of the bundle was. If a host was given new keys, or the sender is not to be trusted any more: "mrepl peers".',
  });
}
