import type { TextCatalog } from '../../catalog/interface/text-catalog.js';
import type { Guid } from '../../mail/text/text-guid.js';
import { draftOf } from '../../replica/edited-map.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { openMessages } from '../../replica/messages-read-on-demand.js';
import type { Arrival } from '../peers/incoming-bundle.js';

/**
 * The sizes of the texts that bundles speak of and that are here. To be asked before any message goes that they are
 * known by.
 */
export function sizesHere(
  catalog: Pick<TextCatalog, 'sizeOf'>,
  arrivals: readonly Pick<Arrival, 'promisedTexts'>[],
): ReadonlyMap<Guid, number> {
  const sizes = new Map<Guid, number>();
  for (const arrival of arrivals) {
    for (const { guid } of arrival.promisedTexts()) {
      const sizeBytes = sizes.has(guid) ? null : catalog.sizeOf(guid);
      if (sizeBytes !== null) sizes.set(guid, sizeBytes);
    }
  }
  return sizes;
}

/**
 * The mailbox with the sizes that its texts really have, as far as these are here, whatever a bundle said of them: file
 * names state them, and a text is sent only where its size is what is known of it. Messages that are in the store have
 * them already.
 */
export function withTrueSizes(known: KnownMailbox, sizes: ReadonlyMap<Guid, number>): KnownMailbox {
  if (sizes.size === 0) return known;
  const instances = draftOf(known.state.instances);
  for (const [birth, instance] of openMessages(known)) {
    const sizeBytes = sizes.get(instance.guid) ?? instance.sizeBytes;
    if (sizeBytes !== instance.sizeBytes) instances.set(birth, { ...instance, sizeBytes });
  }
  if (instances.current() === known.state.instances) return known;
  return { ...known, state: { ...known.state, instances: instances.current() } };
}
