import type { Digest } from '../../mail/mailbox-scan.js';
import { textIdOf } from '../../mail/text/text-guid-and-second-digest.js';
import { draftOf } from '../../replica/edited-map.js';
import { type KnownMailbox, noteText } from '../../replica/mailbox-state-and-stored-files.js';

/**
 * A mailbox with the second digests of the texts that were just read, by ref: what was seen by an mrepl that did not
 * know of them has none. A file that holds another text than it did says nothing.
 */
export function withSecondDigests(known: KnownMailbox, digests: ReadonlyMap<string, Digest>): KnownMailbox {
  const holdings = draftOf(known.holdings);
  const instances = draftOf(known.state.instances);
  for (const [ref, digest] of digests) {
    const holding = known.holdings.get(ref);
    if (holding === undefined || holding.guid !== digest.guid || holding.same !== undefined) continue;
    holdings.set(ref, { ...holding, ...noteText(digest) });
    const instance = known.state.instances.get(holding.birth);
    if (instance?.guid === digest.guid) instances.set(holding.birth, { ...instance, ...textIdOf(digest) });
  }
  if (holdings.current() === known.holdings) return known;
  return { ...known, holdings: holdings.current(), state: { ...known.state, instances: instances.current() } };
}
