import { isOfOneThing } from '../../failure.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import { headerBytesMax, senderOf, subjectOf } from '../../mail/text/decode-subject.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';
import { type FilesByBirth, filesByBirth } from '../../replica/messages-read-on-demand.js';
import type { Session } from '../session/account-session.js';

/** By what a person knows a message; null where its header does not say it, or its text is not at hand. */
export type Headline = { readonly sender: string | null; readonly subject: string | null };

/** Where a message may have its file. */
export type TextPlace = { readonly known: KnownMailbox; readonly birth: BirthKey };

/** Takes from a text by what a person knows the message. */
export function headlineOf(text: Uint8Array): Headline {
  const beginning = text.subarray(0, headerBytesMax);
  return { sender: senderOf(beginning), subject: subjectOf(beginning) };
}

/**
 * Looks for the text of a message where it may be: in the file that it has, or had, in the store, and in the trash.
 * What cannot be read has no headline.
 */
export function headlineReader({
  store,
  trash,
}: Pick<Session, 'store' | 'trash'>): (guid: Guid, places: readonly TextPlace[]) => Promise<Headline> {
  const files = new Map<KnownMailbox, FilesByBirth>();
  const refOf = (known: KnownMailbox, birth: BirthKey): string | undefined => {
    const found = files.get(known) ?? filesByBirth(known);
    files.set(known, found);
    return found.of(birth).at(-1)?.ref;
  };
  const inStore = async (mailbox: MailboxName, ref: string): Promise<Headline | null> => {
    try {
      return headlineOf(await store.readText(mailbox, ref));
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause;
      return null; // it went meanwhile, or the run that told of it has named what is wrong with it
    }
  };
  return async (guid, places) => {
    for (const { known, birth } of places) {
      const ref = refOf(known, birth);
      const headline = ref === undefined ? null : await inStore(known.state.name, ref);
      if (headline !== null) return headline;
    }
    const beginning = await trash.beginning(guid, headerBytesMax);
    return beginning === null ? { sender: null, subject: null } : headlineOf(beginning);
  };
}
