import type { Bench } from '../../apply/context/run-context.js';
import type { OutgoingText } from '../../bundle/format/bundle-contents.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { SizedText } from '../../mail/text/text-guid-and-second-digest.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { type Holding, heldText } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey } from '../../replica/message-birth.js';
import { type FilesByBirth, filesByBirth } from '../../replica/messages-read-on-demand.js';

/** A text to be sent, with what the user may know it by. */
export type PlacedText = OutgoingText & { readonly place: string };

/**
 * Gathers texts to be sent, each once, in the order in which they are added. What goes is what the file of a message
 * holds, which may be a copy of the mail with other stamped lines than the text that is asked for.
 */
export function textCollector(bench: Pick<Bench, 'catalog' | 'copy' | 'store'>) {
  const { catalog, copy, store } = bench;
  const found = new Map<Guid, PlacedText>();
  const sources = new Map<Guid, Guid>(); // from what is asked for to what goes
  const files = new Map<MailboxName, FilesByBirth>();
  const flawed = new Set(catalog.flawedTexts().map(({ mailbox, ref }) => `${mailbox}/${ref}`));
  const isSound = (mailbox: MailboxName, ref: string): boolean => !flawed.has(`${mailbox}/${ref}`);
  const fileOf = (mailbox: MailboxName, birth: string): Holding | undefined => {
    const known = files.get(mailbox) ?? filesByBirth(copy.get(mailbox));
    files.set(mailbox, known);
    return known.of(birth).findLast(({ ref, uid }) => uid !== null && isSound(mailbox, ref));
  };
  const put = (wanted: Guid, { guid, sizeBytes }: SizedText, mailbox: MailboxName, ref: string): void => {
    sources.set(wanted, guid);
    if (found.has(guid)) return;
    const file = store.textFile(mailbox, ref);
    found.set(guid, { guid, sizeBytes, file, read: () => store.readText(mailbox, ref), place: `${ref} in ${mailbox}` });
  };
  const addCopy = (guid: Guid): boolean => {
    if (sources.has(guid)) return true;
    const place = catalog.copyOf(catalog.textNamed(guid));
    const holding = place && copy.get(place.mailbox).holdings.get(place.ref);
    const instance = holding && copy.get(place.mailbox).state.instances.get(holding.birth);
    if (!instance) return false;
    put(guid, heldText(holding, instance), place.mailbox, place.ref);
    return true;
  };
  return {
    /**
     * Adds the text of this very message where it is here and sound, else that of another one; false where there is
     * none.
     */
    add(mailbox: MailboxName, instance: Instance): boolean {
      if (sources.has(instance.guid)) return true;
      const holding = fileOf(mailbox, birthKey(instance.birth));
      if (holding === undefined) return addCopy(instance.guid);
      put(instance.guid, heldText(holding, instance), mailbox, holding.ref);
      return true;
    },
    /** Adds the text of a message that is here; false where there is none. */
    addCopy,
    /** The guid of the text that goes for this one. */
    sentAs: (guid: Guid): Guid => sources.get(guid) ?? guid,
    all: (): PlacedText[] => [...found.values()],
    bytes: (): number => [...found.values()].reduce((sum, text) => sum + text.sizeBytes, 0),
  };
}
