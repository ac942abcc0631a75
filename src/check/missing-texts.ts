import type { Peer } from '../catalog/interface/peer-catalog.js';
import type { TextCatalog } from '../catalog/interface/text-catalog.js';
import type { TextId } from '../mail/text/text-guid-and-second-digest.js';
import { undelivered } from '../merge/stored-files-by-message.js';
import type { Instance } from '../replica/mailbox-state.js';
import type { KnownMailbox } from '../replica/mailbox-state-and-stored-files.js';
import { birthOf } from '../replica/message-birth.js';
import { coversBirth, emptyClock } from '../replica/version-vector.js';

/** A message whose text is in no mailbox here. */
type Textless = {
  readonly instance: Instance;
  /** Names of the peers that should have it. */
  readonly holders: readonly string[];
  /** No text can have this guid, so that nobody has it. */
  readonly isImpossible: boolean;
};

/** The messages of a mailbox that wait for their texts. */
export function textlessIn(catalog: TextCatalog, known: KnownMailbox, peers: readonly Peer[]): Textless[] {
  const impossible = catalog.impossibleGuids();
  return undelivered(known)
    .filter((instance) => catalog.copyOf(instance) === null)
    .map((instance) => ({
      instance,
      holders: holdersOf(catalog, instance, peers),
      isImpossible: impossible.has(instance.guid),
    }));
}

/**
 * Names of the peers that know a message of this mail and did not say that they lack it; nobody has one that is
 * impossible.
 */
export function holdersOf(catalog: TextCatalog, mail: TextId, peers: readonly Peer[]): string[] {
  if (catalog.impossibleGuids().has(mail.guid)) return [];
  const births = catalog.birthsOf(mail).map(({ birth, ...place }) => ({ ...place, birth: birthOf(birth) }));
  return peers
    .filter(({ clocks, wanted }) => {
      return births.some(
        ({ mailbox, birth, guid }) => !wanted.has(guid) && coversBirth(clocks.get(mailbox) ?? emptyClock, birth),
      );
    })
    .map(({ hostName }) => hostName);
}
