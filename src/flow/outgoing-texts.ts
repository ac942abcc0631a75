import type { Bench } from '../apply/bench.js';
import type { OutgoingText } from '../bundle/bundle.js';
import type { Guid } from '../mail/guid.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { birthKey } from '../replica/birth.js';
import type { Instance } from '../replica/mailbox-state.js';

/** A text to be sent, with what the user may know it by. */
export type PlacedText = OutgoingText & { readonly place: string };

/** Gathers texts to be sent, each once, in the order in which they are added. */
export function textCollector(bench: Bench) {
  const { catalog, copy, store } = bench;
  const found = new Map<Guid, PlacedText>();
  const refs = new Map<MailboxName, Map<string, string>>();
  const flawed = new Set(catalog.flawedTexts().map(({ mailbox, ref }) => `${mailbox}/${ref}`));
  const isSound = (mailbox: MailboxName, ref: string): boolean => !flawed.has(`${mailbox}/${ref}`);
  const refOf = (mailbox: MailboxName, birth: string): string | undefined => {
    let known = refs.get(mailbox);
    if (known === undefined) {
      const seen = [...copy.get(mailbox).holdings.values()].filter(
        ({ ref, uid }) => uid !== null && isSound(mailbox, ref),
      );
      known = new Map(seen.map((holding) => [holding.birth, holding.ref]));
      refs.set(mailbox, known);
    }
    return known.get(birth);
  };
  const put = (guid: Guid, sizeBytes: number, mailbox: MailboxName, ref: string): void => {
    const file = store.textFile(mailbox, ref);
    found.set(guid, { guid, sizeBytes, file, read: () => store.readText(mailbox, ref), place: `${ref} in ${mailbox}` });
  };
  const addCopy = (guid: Guid): boolean => {
    if (found.has(guid)) return true;
    const place = catalog.copyOf(guid);
    const birth = place && copy.get(place.mailbox).holdings.get(place.ref)?.birth;
    const instance = birth && copy.get(place.mailbox).state.instances.get(birth);
    if (!instance) return false;
    put(guid, instance.sizeBytes, place.mailbox, place.ref);
    return true;
  };
  return {
    /** Adds the text of this very message where it is here and sound, else that of another one; false where there is none. */
    add(mailbox: MailboxName, instance: Instance): boolean {
      if (found.has(instance.guid)) return true;
      const ref = refOf(mailbox, birthKey(instance.birth));
      if (ref === undefined) return addCopy(instance.guid);
      put(instance.guid, instance.sizeBytes, mailbox, ref);
      return true;
    },
    /** Adds the text of a message that is here; false where there is none. */
    addCopy,
    all: (): PlacedText[] => [...found.values()],
    bytes: (): number => [...found.values()].reduce((sum, text) => sum + text.sizeBytes, 0),
  };
}
