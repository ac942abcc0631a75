import type { Catalog, Peer } from '../catalog/catalog.js';
import type { Guid } from '../mail/guid.js';
import { undelivered } from '../merge/undelivered.js';
import { birthOf } from '../replica/birth.js';
import { coversBirth, emptyClock } from '../replica/clock.js';
import type { KnownMailbox } from '../replica/known-mailbox.js';
import type { Instance } from '../replica/mailbox-state.js';

/** A message whose text is in no mailbox here, with the names of the peers that should have it. */
export type Textless = { readonly instance: Instance; readonly holders: readonly string[] };

/** The messages of a mailbox that wait for their texts. */
export function textlessIn(catalog: Catalog, known: KnownMailbox, peers: readonly Peer[]): Textless[] {
  return undelivered(known)
    .filter(({ guid }) => catalog.copyOf(guid) === null)
    .map((instance) => ({ instance, holders: holdersOf(catalog, instance.guid, peers) }));
}

/** Names of the peers that know a message with this text and did not say that they lack it; nobody has one that is impossible. */
export function holdersOf(catalog: Catalog, guid: Guid, peers: readonly Peer[]): string[] {
  if (catalog.impossibleGuids().has(guid)) return [];
  const births = catalog.birthsOf(guid).map(({ mailbox, birth }) => ({ mailbox, birth: birthOf(birth) }));
  return peers
    .filter(({ clocks, wanted }) => {
      return !wanted.has(guid) && births.some((b) => coversBirth(clocks.get(b.mailbox) ?? emptyClock, b.birth));
    })
    .map(({ hostName }) => hostName);
}
