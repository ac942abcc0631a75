import type { Equivocation, SignedStatement, Statement } from '../../../bundle/format/bundle-contents.js';
import { equivocationBytesMax, equivocationsMax, statedMax } from '../../../bundle/format/bundle-limits.js';
import { decodeStatement, statementDigest } from '../../../bundle/format/signed-statement-json.js';
import { oweBundle } from '../../../catalog/facts/bundles/damaged-bundles-to-report.js';
import { putStated, statedBefore } from '../../../catalog/facts/own-host/own-statements.js';
import { forgetSplits, type Split, splitsIn } from '../../../catalog/facts/peers/births-that-differ-at-peers.js';
import { dropUnsigned } from '../../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import {
  addDisowned,
  type Disowned,
  disownedBy,
  disownedIn,
} from '../../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { ExportCatalog } from '../../../catalog/interface/export-catalog.js';
import type { FactCatalog } from '../../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../../catalog/interface/host-identity.js';
import type { PairedHost, PairedHostCatalog } from '../../../catalog/interface/paired-host-catalog.js';
import type { Peer } from '../../../catalog/interface/peer-catalog.js';
import type { SignedChangesCatalog } from '../../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../../catalog/interface/statement-catalog.js';
import type { Finding } from '../../../check/reports/doctor-finding.js';
import { type Advice, advice, Failure, typed } from '../../../failure.js';
import type { Trouble } from '../../../mail/item-trouble.js';
import { contradiction, type Told } from '../../../merge/signed-changes/do-statements-contradict.js';
import type { HostId } from '../../../replica/host-id.js';
import type { Arrival } from '../incoming-bundle.js';
import { deedsIn, readSigned } from '../read-signed-statement.js';
import { notThis } from './clone-detection.js';

// A host that told two stories (mrepl-sync(7), Two stories of one host): what it signed shows so, and whoever
// has both passes them on.

/**
 * Remembers, in the open transaction, that a host told two stories. From now on nothing counts that is said of
 * its deeds.
 */
export function rememberDisowned(
  catalog: StatementCatalog & SignedChangesCatalog & ExportCatalog & FactCatalog,
  { hostId, number, atS, shown }: Disowned,
): void {
  const isSmall = shown !== null && bytesOf(shown) <= equivocationBytesMax;
  addDisowned(catalog, { hostId, number, atS, shown: isSmall ? shown : null });
  catalog.dropStatement(hostId);
  catalog.dropSigned(hostId);
  catalog.dropUnsigned(hostId);
  dropUnsigned(catalog, hostId);
  forgetSplits(catalog, hostId);
  oweBundle(catalog);
}

function bytesOf(shown: Equivocation): number {
  return shown.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
}

/** What is to be passed on: of hosts that some recipient is not known to have heard it of. */
export function equivocationsFor(catalog: FactCatalog, recipients: readonly Peer[]): readonly Equivocation[] {
  const known = disownedBy(catalog);
  const isNews = (of: HostId): boolean => recipients.some(({ hostId }) => known.get(hostId)?.includes(of) !== true);
  return [...disownedIn(catalog).values()]
    .flatMap(({ hostId, shown }) => (shown !== null && isNews(hostId) ? [shown] : []))
    .slice(0, equivocationsMax);
}

export type Search = {
  readonly arrivals: readonly Arrival[];
  readonly ownKey: () => string;
  readonly formerSelf: HostId | null;
  readonly atS: number;
};

/**
 * Finds the hosts that told two stories, as far as that was not known: two statements with the key that the
 * host is known by here cannot both be true;
 * or, of a host that says nothing more, that a peer knows so, or has other messages under its births. Throws
 * `identity` where that is this host itself.
 */
export function findEquivocal(
  catalog: IdentityCatalog & PairedHostCatalog & StatementCatalog & ExportCatalog & FactCatalog,
  search: Search,
): readonly Disowned[] {
  const { arrivals, ownKey, formerSelf, atS } = search;
  const { account, hostId: self } = catalog.identity;
  const known = disownedIn(catalog);
  const paired = new Map(catalog.pairedHosts().map((host) => [host.hostId, host]));
  const found = new Map<HostId, Disowned>();
  const held = new Map<HostId, Read>();
  const heldOf = (host: HostId): Read | null => {
    const kept = held.get(host) ?? readOf(catalog.statementOf(host), account);
    if (kept !== null) held.set(host, kept);
    return kept;
  };
  const see = (offered: Read): void => {
    const { hostId } = offered.statement.from;
    if (known.has(hostId) || found.has(hostId)) return;
    if (hostId === self) {
      seeOwn(catalog, offered, ownKey);
      return;
    }
    const kept = heldOf(hostId);
    const key = paired.get(hostId)?.signingKey ?? kept?.key;
    if (key === undefined) return; // of a host whose key nobody has shown yet anybody could make up both
    if (key !== offered.key) return;
    if (kept === null) {
      held.set(hostId, offered);
      return;
    }
    const where = kept.key === offered.key ? contradiction(toldIn(kept), toldIn(offered)) : null;
    if (where !== null) {
      found.set(hostId, { hostId, number: where.number, atS, shown: [kept.signed, offered.signed] });
    } else if (offered.statement.number > kept.statement.number) held.set(hostId, offered);
  };
  const silently = (hostId: HostId): void => {
    const isOver = hostId === formerSelf || isSilent(paired.get(hostId));
    if (isOver && hostId !== self && !known.has(hostId) && !found.has(hostId)) {
      found.set(hostId, { hostId, number: null, atS, shown: null });
    }
  };
  for (const { preamble, statement } of arrivals) {
    if (preamble === null) continue;
    const shown = [statement, ...preamble.relayed, ...preamble.equivocations.flat()];
    for (const signed of shown) {
      const read = readOf(signed, account);
      if (read !== null) see(read);
    }
    for (const host of preamble.disowned) silently(host);
  }
  for (const { of } of splitsIn(catalog)) silently(of);
  return [...found.values()];
}

function isSilent(host: PairedHost | undefined): boolean {
  return host !== undefined && (host.isRevoked || host.isRetired);
}

/** A statement with the key that signed it. */
type Read = { readonly signed: SignedStatement; readonly statement: Statement; readonly key: string };

/** Null for what is none, of another account, or not signed. */
function readOf(signed: SignedStatement | null, account: string): Read | null {
  const found = signed === null ? null : readSigned(signed, account);
  if (signed === null || found === null || 'strange' in found || found.key === null) return null;
  return { signed, statement: found.statement, key: found.key };
}

function toldIn({ signed, statement }: Read): Told {
  return {
    ...deedsIn(statement),
    digest: statementDigest(signed.text),
    before: new Map(statement.before.map((each) => [each.number, each.digest])),
  };
}

/**
 * The digest of an earlier statement of the same host, as a statement that is kept has it; null where it does
 * not say.
 */
export function digestBefore({ text }: SignedStatement, number: number): string | null {
  return decodeStatement(text).before.find((each) => each.number === number)?.digest ?? null;
}

/**
 * Remembers a statement of this host, in the open transaction; null forgets all of them, as it becomes another
 * host.
 */
export function rememberStated(catalog: FactCatalog, stated: Statement['before'][number] | null): void {
  putStated(catalog, stated === null ? [] : [...statedBefore(catalog), stated].slice(-statedMax));
}

/** Throws `identity` for a statement that this host signed, and does not remember. */
function seeOwn(
  catalog: ExportCatalog & FactCatalog,
  { signed, statement: { number }, key }: Read,
  ownKey: () => string,
): void {
  const stated = statedBefore(catalog);
  const made = stated.find((each) => each.number === number);
  const isOurs = made !== undefined ? made.digest === statementDigest(signed.text) : number <= catalog.lastNumber();
  if (isOurs || key !== ownKey()) return;
  throw notThis(`a statement with the number ${number} is signed with the key of this host, and was not made by it`);
}

/** Why nothing of a bundle of this host is used. */
export function toldTwoStories(name: string, { number }: Disowned, doing: string): Failure {
  const what = number === null ? '' : `: two statements with its key contradict each other about number ${number}`;
  return new Failure('untrusted', `${doing}: ${name} has told two stories${what}; nothing of it was used`, {
    hint: remedyFor(name),
  });
}

function remedyFor(name: string): Advice {
  return advice`If ${name} was cloned, or its catalog was restored from a backup, run "mrepl rejoin" there, and pair with it again: its mail comes anew. If neither is so, it does not tell the truth; on every host: ${typed('mrepl', 'peers', 'revoke', name)}`;
}

/** What it means here that a host was found out. */
export function disownedTrouble(name: string, disowned: Disowned, messages: number): Trouble {
  const kept =
    messages === 0
      ? 'nothing of it was here'
      : messages === 1
        ? 'its message that is here stays as one of this host'
        : `its ${messages} messages that are here stay as ones of this host`;
  const failure = new Failure('untrusted', `${whatIsShown(name, disowned)}; ${kept}`, { hint: remedyFor(name) });
  return { subject: name, failure };
}

function whatIsShown(name: string, { number }: Disowned): string {
  return number === null
    ? `${name}, from which nothing more is taken, has told one thing here and another elsewhere`
    : `${name} has told two stories: two statements with its key contradict each other about number ${number}`;
}

/** What is told of a host whose news was left out in part, as it does not fit what is known here. */
export function splitTrouble({ from, of }: Split, subject: string, nameOf: (host: HostId) => string): Trouble {
  const failure = new Failure('untrusted', whatIsSplit(from, of, nameOf), { hint: remedyOfSplit(from, of, nameOf) });
  return { subject, failure };
}

function whatIsSplit(from: HostId, of: HostId, nameOf: (host: HostId) => string): string {
  const [who, whom] = [nameOf(from), nameOf(of)];
  return from === of
    ? `${who} tells of other messages under names that messages of it have here: these were left out, and nothing was expunged`
    : `${who} was told other things by ${whom} than this host was: of what it says, that about messages of ${whom} was left out, and nothing was expunged`;
}

function remedyOfSplit(from: HostId, of: HostId, nameOf: (host: HostId) => string): string {
  const [who, whom] = [nameOf(from), nameOf(of)];
  const second = from === of ? '' : `, or ${who} in what it says of it`;
  return `If ${whom} was cloned, or its catalog was restored from a backup, run "mrepl rejoin" there, and pair with it again. If neither is so, ${whom} does not tell the truth${second}: revoke ${whom} on all hosts`;
}

/** For `doctor`. */
export function equivocationFindings(
  catalog: PairedHostCatalog & FactCatalog,
  nameOf: (host: HostId) => string,
): Finding[] {
  const silent = new Set(catalog.pairedHosts().flatMap((host) => (isSilent(host) ? [host.hostId] : [])));
  const told = [...disownedIn(catalog).values()].map((disowned): Finding => {
    const where = nameOf(disowned.hostId);
    const what = whatIsShown(where, disowned);
    const remedy = silent.has(disowned.hostId)
      ? 'Nothing to do: its messages are ones of this host.'
      : remedyFor(where);
    return { code: 'peers', weight: 'notice', where, what, remedy };
  });
  const split = splitsIn(catalog).map(
    ({ from, of }): Finding => ({
      code: 'peers',
      weight: 'notice',
      where: nameOf(from),
      what: whatIsSplit(from, of, nameOf),
      remedy: remedyOfSplit(from, of, nameOf),
    }),
  );
  return [...told, ...split];
}
