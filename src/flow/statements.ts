import type { SignedStatement, Statement } from '../bundle/bundle.js';
import { decodeStatement, hostsInStatement, signerOf } from '../bundle/statement.js';
import type { Catalog, KeptStatement, Peer } from '../catalog/catalog.js';
import { Failure, isOfOneThing } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Trouble } from '../mail/trouble.js';
import type { Tick } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { Arrival } from './arrivals.js';
import type { Room } from './room.js';

// What a host says that it knows, it signs, and others pass it on as it is (mrepl-bundle(5), STATEMENTS). So a relay cannot put words into
// the mouth of a host whose key is known here.

/**
 * Bytes of statements that are kept of hosts which are not paired with this one, all together. Anybody could make up such hosts, and who
 * passes them on would carry them for ever.
 */
export const unverifiedBytesMax = 16 << 20;

/** What was passed on of a host, and taken up. */
export type Heard = {
  readonly statement: Statement;
  /** Signed with the key that its host is paired with here; else it is the word of `saidBy`. */
  readonly isVerified: boolean;
  /** Whose bundle passed it on. */
  readonly saidBy: HostId;
};

/**
 * Takes up, in the open transaction, what the bundles say of their senders and pass on of others: of each host the newest is kept. What is not
 * what a paired host signed is not used, and told as a trouble; nor is more of other hosts than there is `room` for.
 */
export function takeStatements(
  catalog: Catalog,
  arrivals: readonly Arrival[],
  room: Pick<Room, 'admitsHosts'>,
): { readonly heard: readonly Heard[]; readonly troubles: readonly Trouble[] } {
  const { account, hostId: self } = catalog.identity;
  const keys = new Map(catalog.pairedHosts().map(({ hostId, signingKey }) => [hostId, signingKey]));
  const kept = new Map(catalog.statementNumbers());
  const keep = (statement: KeptStatement): void => {
    const before = kept.get(statement.hostId);
    const isBetter = before === undefined || (statement.isVerified && !before.isVerified);
    if (!isBetter && statement.number <= before.number) return;
    const sizeBytes = Buffer.byteLength(statement.text);
    if (
      !statement.isVerified &&
      (before?.isVerified === true || unverifiedBytes(kept) + sizeBytes > unverifiedBytesMax)
    )
      return;
    kept.set(statement.hostId, { ...statement, sizeBytes });
    catalog.putStatement(statement);
  };
  const heard: Heard[] = [];
  const troubles: Trouble[] = [];
  for (const { preamble, statement: own, fileName } of arrivals) {
    if (preamble === null || own === null) continue;
    const { hostId: saidBy } = preamble.from;
    keep({ hostId: saidBy, number: preamble.number, ...own, isVerified: true, saidBy });
    for (const signed of preamble.relayed) {
      const found = read(signed, { account, keys });
      if ('strange' in found) {
        troubles.push({ subject: fileName, failure: notSaid(fileName, found.strange) });
        continue;
      }
      const { statement, isVerified } = found;
      const { hostId } = statement.from;
      if (hostId === self || hostId === saidBy || !room.admitsHosts(hostsInStatement(statement))) continue;
      heard.push({ statement, isVerified, saidBy });
      keep({ hostId, number: statement.number, text: signed.text, sig: signed.sig, isVerified, saidBy });
    }
  }
  return { heard, troubles };
}

/**
 * Looks once more at what is kept of a host, now that its keys have changed or become known: what it did not sign is forgotten. To be called in the
 * transaction that pairs it.
 */
export function reviewStatement(catalog: Catalog, hostId: HostId): void {
  const kept = catalog.statementOf(hostId);
  const key = catalog.pairedHosts().find((host) => host.hostId === hostId)?.signingKey;
  if (kept === null || key === undefined) return;
  if (signerOf(kept) === key) {
    catalog.putStatement({ ...kept, isVerified: true });
    return;
  }
  catalog.dropStatement(hostId);
  // What others said that it knows it may not know.
  const peer = catalog.peers().find((each) => each.hostId === hostId);
  if (peer !== undefined && !peer.isDirect) {
    catalog.putPeer({ ...peer, lastNumber: 0, clocks: new Map(), wanted: new Set(), unheard: new Set() });
  }
}

/**
 * What each paired host has itself said, and signed, that it has done: its own entry in its own newest statement, by mailbox. Hosts of which nothing
 * signed is here are missing; so are mailboxes in which they did nothing.
 */
export function signedTicks(catalog: Catalog): ReadonlyMap<HostId, ReadonlyMap<MailboxName, Tick>> {
  const signed = new Map<HostId, ReadonlyMap<MailboxName, Tick>>();
  for (const [hostId, { isVerified }] of catalog.statementNumbers()) {
    const kept = isVerified ? catalog.statementOf(hostId) : null;
    if (kept === null) continue;
    const ticks = new Map<MailboxName, Tick>();
    for (const [mailbox, clock] of decodeStatement(kept.text).clocks) {
      const tick = clock.get(hostId);
      if (tick !== undefined) ticks.set(mailbox, tick);
    }
    signed.set(hostId, ticks);
  }
  return signed;
}

/** The number of the newest statement of each host that this one holds. */
export function heldNumbers(catalog: Catalog): ReadonlyMap<HostId, number> {
  return new Map([...catalog.statementNumbers()].map(([host, { number }]) => [host, number]));
}

/**
 * What is to be passed on: statements that some recipient, other than their maker, is not known to hold. First those of `first`, then verified ones,
 * as there may not be room for all.
 */
export function statementsFor(
  catalog: Catalog,
  recipients: readonly Peer[],
  first: ReadonlySet<HostId>,
): readonly SignedStatement[] {
  const { hostId: self } = catalog.identity;
  const wanted = [...catalog.statementNumbers()].filter(
    ([host, { number }]) =>
      host !== self && recipients.some((peer) => peer.hostId !== host && (peer.statements.get(host) ?? 0) < number),
  );
  const rank = ([host, { isVerified }]: (typeof wanted)[number]): number => (first.has(host) ? 0 : isVerified ? 1 : 2);
  return wanted.sort((a, b) => rank(a) - rank(b)).flatMap(([host]) => catalog.statementOf(host) ?? []);
}

function unverifiedBytes(
  kept: ReadonlyMap<HostId, { readonly isVerified: boolean; readonly sizeBytes: number }>,
): number {
  let bytes = 0;
  for (const { isVerified, sizeBytes } of kept.values()) if (!isVerified) bytes += sizeBytes;
  return bytes;
}

function read(
  signed: SignedStatement,
  { account, keys }: { readonly account: string; readonly keys: ReadonlyMap<HostId, string> },
): { readonly statement: Statement; readonly isVerified: boolean } | { readonly strange: string } {
  try {
    const statement = decodeStatement(signed.text);
    if (statement.account !== account) return { strange: `a statement is of the account ${statement.account}` };
    const key = keys.get(statement.from.hostId);
    if (key !== undefined && signerOf(signed) !== key) {
      return { strange: `what it passes on of ${statement.from.name} is not signed by that host` };
    }
    return { statement, isVerified: key !== undefined };
  } catch (cause) {
    if (!isOfOneThing(cause, 'bundle-not-understood')) throw cause;
    return { strange: cause.message };
  }
}

function notSaid(fileName: string, what: string): Failure {
  return new Failure('untrusted', `importing ${fileName}: ${what}; that was not used`, {
    hint: 'The rest of the bundle was. If a host was given new keys, or the sender is not to be trusted any more: "mrepl peers".',
  });
}
