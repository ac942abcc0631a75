import type { Bench } from '../apply/bench.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Trouble } from '../mail/trouble.js';
import { tickOf } from '../replica/clock.js';
import type { HostId } from '../replica/host-id.js';
import type { Arrival } from './arrival.js';
import { type Doubt, doubtTrouble, rememberDoubts } from './doubts.js';
import { giveWay } from './give-way.js';
import { type Merged, type MergeOptions, mergeArrivals } from './merge-arrivals.js';
import { namesIn } from './names.js';
import { believedIn, type StatementsTaken } from './statements.js';
import { addUnsigned } from './unsigned-hosts.js';
import { vouchingIn } from './vouching.js';

/**
 * Merges what has arrived as far as it is to be believed, in the open transaction: what was believed of hosts without their word gives way first; then nothing of a
 * host is taken beyond what it is shown to have signed. Tells what was not believed, each thing once.
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
  return { merged, troubles: [...statements.troubles, ...dropped, ...newDoubts(bench, arrivals, merged)] };
}

/** Notes of which hosts something is believed now that have signed nothing. */
function noteUnsigned(catalog: Catalog, merged: readonly Merged[]): void {
  const signed = catalog.signedNumbers();
  const isBelieved = believedIn(catalog);
  const paired = new Set(catalog.pairedHosts().map(({ hostId }) => hostId));
  const isUnsigned = (host: HostId): boolean =>
    host !== catalog.identity.hostId &&
    !paired.has(host) &&
    (!signed.has(host) || !isBelieved(catalog.statementOf(host)?.saidBy ?? host));
  addUnsigned(catalog, new Set(merged.flatMap(({ risen }) => risen.filter(isUnsigned))));
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
