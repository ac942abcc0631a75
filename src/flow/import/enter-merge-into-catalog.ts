import type { Bench } from '../../apply/context/run-context.js';
import { rememberSplits } from '../../catalog/facts/peers/births-that-differ-at-peers.js';
import { type Doubt, rememberDoubts } from '../../catalog/facts/peers/doubted-claims.js';
import { addUnsigned } from '../../catalog/facts/peers/hosts-believed-on-word-of-others.js';
import { disownedIn } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import type { PeerCatalog } from '../../catalog/interface/peer-catalog.js';
import type { SignedChangesCatalog } from '../../catalog/interface/signed-changes-catalog.js';
import type { StatementCatalog } from '../../catalog/interface/statement-catalog.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import { tickOf } from '../../replica/version-vector.js';
import { splitTrouble } from '../peers/equivocation/hosts-that-told-two-stories.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import { noteSpellingsOf } from '../peers/keyword-spellings-of-peers.js';
import { believedIn } from '../peers/signed-statements/keep-signed-statements.js';
import { doubtTrouble } from '../peers/signed-statements/warnings-about-unsigned-claims.js';
import { namesIn } from '../session/name-of-host-id.js';
import type { MergedMailbox, MergePlan } from './plan-merge-of-bundles.js';

/**
 * Puts into the open transaction what the plan makes of the mailboxes, tells each bundle what of it is not used, and
 * notes whom it was believed or not. Answers what is to be told of that, each thing once.
 */
export function enterMerge(
  { catalog, copy, nowS }: Pick<Bench, 'catalog' | 'copy' | 'nowS'>,
  arrivals: readonly Arrival[],
  { mailboxes, unusedParts, spellings }: MergePlan,
): readonly Trouble[] {
  noteSpellingsOf(catalog, spellings);
  for (const { known } of mailboxes) copy.put(known);
  for (const part of unusedParts) {
    if (part.why === 'missed') part.arrival.miss(part.failure);
    else if (part.why === 'withheld') part.arrival.withhold();
    else part.arrival.doubt();
  }
  noteUnsigned(catalog, mailboxes);
  const doubted = mailboxes.flatMap((one) => one.doubted);
  const atS = nowS();
  return [...newDoubts(catalog, { arrivals, doubted, atS }), ...newSplits(catalog, { arrivals, doubted, atS })];
}

/** What was not believed, and when that was found out. */
type Doubted = {
  readonly arrivals: readonly Arrival[];
  readonly doubted: MergedMailbox['doubted'];
  readonly atS: number;
};

/** Notes of which hosts something is believed now that have signed nothing. */
function noteUnsigned(
  catalog: IdentityCatalog & PairedHostCatalog & StatementCatalog & SignedChangesCatalog & FactCatalog,
  merged: readonly MergedMailbox[],
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
function newSplits(
  catalog: IdentityCatalog & PeerCatalog & PairedHostCatalog & FactCatalog,
  { arrivals, doubted, atS }: Doubted,
): Trouble[] {
  const known = disownedIn(catalog);
  const found = doubted
    .flatMap(({ news, apart }) => apart.map((of) => ({ from: news.from, of, atS })))
    .filter(({ of }) => !known.has(of));
  const nameOf = namesIn(catalog);
  return rememberSplits(catalog, found).map((split) =>
    splitTrouble(split, nameOfDoubted(arrivals, split.from) ?? nameOf(split.from), nameOf),
  );
}

/** Peers that said more of a host than it has signed, where that was not known. */
function newDoubts(
  catalog: IdentityCatalog & PeerCatalog & PairedHostCatalog & FactCatalog,
  { arrivals, doubted, atS }: Doubted,
): Trouble[] {
  const found = doubted.flatMap(({ news, beyond }) =>
    beyond.map((of): Doubt => ({ from: news.from, of, mailbox: news.name, atS })),
  );
  const isShown = ({ from, of, mailbox }: Doubt): boolean =>
    arrivals.some(({ news }) =>
      news.some((each) => each.from === from && each.name === mailbox && tickOf(each.clock, of).serial > 0),
    );
  const nameOf = namesIn(catalog);
  return rememberDoubts(catalog, found, isShown).map((doubt) =>
    doubtTrouble(doubt, nameOfDoubted(arrivals, doubt.from) ?? nameOf(doubt.from), nameOf),
  );
}

/** The first bundle of that sender in which something is doubted. */
function nameOfDoubted(arrivals: readonly Arrival[], from: HostId): string | undefined {
  return arrivals.find(({ preamble, isDoubted }) => preamble?.from.hostId === from && isDoubted())?.fileName;
}
