import type { Bench } from '../../apply/context/run-context.js';
import type { Preamble } from '../../bundle/format/bundle-contents.js';
import { statementDigest } from '../../bundle/format/signed-statement-json.js';
import { rememberSplits } from '../../catalog/facts/births-that-differ-at-peers.js';
import { type Doubt, rememberDoubts } from '../../catalog/facts/doubted-claims.js';
import { addUnsigned } from '../../catalog/facts/hosts-believed-on-word-of-others.js';
import { disownedIn } from '../../catalog/facts/hosts-that-told-two-stories.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { SignedChangesCatalog } from '../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../catalog/interface/statement-catalog.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import { tickOf } from '../../replica/version-vector.js';
import { otherWitnesses } from '../peers/clone-detection.js';
import {
  digestBefore,
  disownedTrouble,
  findEquivocal,
  rememberDisowned,
  type Search,
  splitTrouble,
} from '../peers/hosts-that-told-two-stories.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import { believedIn, type StatementsTaken } from '../peers/keep-signed-statements.js';
import { dropDeedsOf, giveWay } from '../peers/retract-unsigned-changes-in-all-mailboxes.js';
import { doubtTrouble } from '../peers/warnings-about-unsigned-claims.js';
import { namesIn } from '../session/name-of-host-id.js';
import { vouchingIn } from './how-far-bundles-are-believed.js';
import { type Merged, type MergeOptions, mergeArrivals } from './merge-bundles-into-mailboxes.js';

/**
 * Merges what has arrived as far as it is to be believed, in the open transaction: what was believed of hosts without
 * their word gives way first; then nothing of a host is taken beyond what it is shown to have signed. Tells what was
 * not believed, each thing once.
 */
export function mergeBelieved(
  bench: Bench,
  arrivals: readonly Arrival[],
  {
    statements,
    ownKey,
    ...options
  }: Omit<MergeOptions, 'vouching'> & { readonly statements: StatementsTaken; readonly ownKey: () => string },
): { readonly merged: Merged[]; readonly troubles: readonly Trouble[] } {
  const { catalog } = bench;
  const nameOf = namesIn(catalog);
  const dropped = giveWay(bench, statements.givingWay, nameOf);
  const vouching = vouchingIn(catalog, statements, ownKey);
  const merged = mergeArrivals(bench, arrivals, { ...options, vouching });
  noteUnsigned(catalog, merged);
  const doubts = [...newDoubts(bench, arrivals, merged), ...newSplits(bench, arrivals, merged)];
  return { merged, troubles: [...statements.troubles, ...dropped, ...doubts] };
}

/**
 * Makes the messages of hosts that told two stories ones of this host, in the open transaction, and remembers
 * which peers were told another story than
 * this host was. Throws `identity` where it is this host that told two.
 */
export function partStories(
  bench: Bench,
  arrivals: readonly Arrival[],
  { ownKey, formerSelf }: Pick<Search, 'ownKey' | 'formerSelf'>,
): readonly Trouble[] {
  const { catalog } = bench;
  const nameOf = namesIn(catalog);
  const atS = bench.nowS();
  const found = findEquivocal(catalog, { arrivals, ownKey, formerSelf, atS });
  const isOver = new Set(
    catalog.pairedHosts().flatMap((host) => (host.isRevoked || host.isRetired ? [host.hostId] : [])),
  );
  const troubles = found.flatMap((disowned) => {
    const { hostId } = disowned;
    rememberDisowned(catalog, disowned);
    const messages = dropDeedsOf(bench, hostId) ?? 0;
    return isOver.has(hostId) || hostId === formerSelf ? [] : [disownedTrouble(nameOf(hostId), disowned, messages)];
  });
  const splits = arrivals.flatMap(({ preamble, fileName }) => {
    const shown =
      preamble === null ? [] : otherStories(catalog, preamble).map((of) => ({ from: preamble.from.hostId, of, atS }));
    return rememberSplits(catalog, shown).map((split) => splitTrouble(split, fileName, nameOf));
  });
  return [...troubles, ...splits];
}

/** Hosts that told the sender another story than this host, as far as it says. */
function otherStories(
  catalog: IdentityCatalog & StatementCatalog & FactCatalog,
  { from, witnessed, statements }: Preamble,
): HostId[] {
  const known = disownedIn(catalog);
  const others = new Set(otherWitnesses(catalog, witnessed).keys());
  for (const [host, { number, digest }] of statements) {
    const kept = catalog.statementOf(host);
    if (kept === null || kept.number < number) continue;
    const told = kept.number === number ? statementDigest(kept.text) : digestBefore(kept, number);
    if (told !== null && told !== digest) others.add(host);
  }
  return [...others].filter((host) => host !== from.hostId && host !== catalog.identity.hostId && !known.has(host));
}

/** Notes of which hosts something is believed now that have signed nothing. */
function noteUnsigned(
  catalog: IdentityCatalog & PairedHostCatalog & StatementCatalog & SignedChangesCatalog & FactCatalog,
  merged: readonly Merged[],
): void {
  const signed = catalog.signedNumbers();
  const isBelieved = believedIn(catalog);
  const paired = new Set(catalog.pairedHosts().map(({ hostId }) => hostId));
  const isUnsigned = (host: HostId): boolean =>
    host !== catalog.identity.hostId &&
    !paired.has(host) &&
    (!signed.has(host) || !isBelieved(catalog.statementOf(host)?.saidBy ?? host));
  addUnsigned(catalog, new Set(merged.flatMap(({ risen }) => risen.filter(isUnsigned))));
}

/** Peers in whose news births of a host are other messages than here, where that was not known. */
function newSplits({ catalog, nowS }: Bench, arrivals: readonly Arrival[], merged: readonly Merged[]): Trouble[] {
  const known = disownedIn(catalog);
  const atS = nowS();
  const found = merged
    .flatMap(({ doubted }) => doubted)
    .flatMap(({ news, apart }) => apart.map((of) => ({ from: news.from, of, atS })))
    .filter(({ of }) => !known.has(of));
  const nameOf = namesIn(catalog);
  return rememberSplits(catalog, found).map((split) => {
    const arrival = arrivals.find(({ preamble, isDoubted }) => preamble?.from.hostId === split.from && isDoubted());
    return splitTrouble(split, arrival?.fileName ?? nameOf(split.from), nameOf);
  });
}

function newDoubts(bench: Bench, arrivals: readonly Arrival[], merged: readonly Merged[]): Trouble[] {
  const doubted = merged.flatMap(({ doubted }) => doubted);
  const atS = bench.nowS();
  const found = doubted.flatMap(({ news, beyond }) =>
    beyond.map((of): Doubt => ({ from: news.from, of, mailbox: news.name, atS })),
  );
  const isShown = ({ from, of, mailbox }: Doubt): boolean =>
    arrivals.some(({ news }) =>
      news.some((each) => each.from === from && each.name === mailbox && tickOf(each.clock, of).serial > 0),
    );
  const nameOf = namesIn(bench.catalog);
  return rememberDoubts(bench.catalog, found, isShown).map((doubt) => {
    const arrival = arrivals.find(({ preamble, isDoubted }) => preamble?.from.hostId === doubt.from && isDoubted());
    return doubtTrouble(doubt, arrival?.fileName ?? nameOf(doubt.from), nameOf);
  });
}
