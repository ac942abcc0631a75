import type { Bench } from '../../apply/context/run-context.js';
import type { Preamble } from '../../bundle/format/bundle-contents.js';
import { statementDigest } from '../../bundle/format/signed-statement-json.js';
import { rememberSplits } from '../../catalog/facts/peers/births-that-differ-at-peers.js';
import { disownedIn } from '../../catalog/facts/peers/hosts-that-told-two-stories.js';
import type { FactCatalog } from '../../catalog/interface/fact-catalog.js';
import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { StatementCatalog } from '../../catalog/interface/statement-catalog.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { HostId } from '../../replica/host-id.js';
import { otherWitnesses } from '../peers/equivocation/clone-detection.js';
import {
  digestBefore,
  disownedTrouble,
  findEquivocal,
  rememberDisowned,
  type Search,
  splitTrouble,
} from '../peers/equivocation/hosts-that-told-two-stories.js';
import type { Arrival } from '../peers/incoming-bundle.js';
import { dropDeedsOf } from '../peers/signed-statements/retract-unsigned-changes-in-all-mailboxes.js';
import { namesIn } from '../session/name-of-host-id.js';

/**
 * Makes the messages of hosts that told two stories ones of this host, in the open transaction, and remembers
 * which peers were told another story than
 * this host was. Throws `identity` where it is this host that told two.
 */
export function partStories(
  bench: Pick<Bench, 'catalog' | 'copy' | 'nowS'>,
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
