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
export function headlineReader(
  session: Pick<Session, 'store' | 'trash'>,
): (guid: Guid, places: readonly TextPlace[]) => Promise<Headline> {
  const files = new Map<KnownMailbox, FilesByBirth>();
  const refOf = (known: KnownMailbox, birth: BirthKey): string | undefined => {
    const found = files.get(known) ?? filesByBirth(known);
    files.set(known, found);
    return found.of(birth).at(-1)?.ref;
  };
  return (guid, at) => {
    const files = at.flatMap(({ known, birth }) => {
      const ref = refOf(known, birth);
      return ref === undefined ? [] : [{ mailbox: known.state.name, ref }];
    });
    return headlineAt(session, guid, files);
  };
}

/** By what a person knows the text that is in the first of these files that can be read, else in the trash. */
export async function headlineAt(
  { store, trash }: Pick<Session, 'store' | 'trash'>,
  guid: Guid,
  files: readonly { readonly mailbox: MailboxName; readonly ref: string }[],
): Promise<Headline> {
  for (const { mailbox, ref } of files) {
    try {
      return headlineOf(await store.readText(mailbox, ref));
    } catch (cause) {
      if (!isOfOneThing(cause)) throw cause; // it went meanwhile, or others name what is wrong with it
    }
  }
  const beginning = await trash.beginning(guid, headerBytesMax);
  return beginning === null ? { sender: null, subject: null } : headlineOf(beginning);
}
