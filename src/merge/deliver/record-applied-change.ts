import { isProvisionalRef } from '../../mail/delivery-ref-until-store-names-it.js';
import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { Flag } from '../../mail/flags.js';
import type { MailboxChange } from '../../mail/mailbox-change.js';
import { draftOf } from '../../replica/edited-map.js';
import { type Holding, type KnownMailbox, unstored } from '../../replica/mailbox-state-and-stored-files.js';

/**
 * What the store holds now that it has said `done` to a change that `plan` made. To be recorded before the store is
 * looked at again: what that look finds different from this was done by somebody else since. What is to be expunged
 * keeps its holding until its file is seen to be gone, and so does what there was trouble with. A delivery that the
 * store has named itself has that ref from now on; where it did not say which, the look recognises it by its text.
 */
export function applied(
  known: KnownMailbox,
  change: MailboxChange,
  outcome: {
    readonly troubles: readonly { readonly subject: string }[];
    readonly unstorable: readonly Flag[];
    readonly stamps?: ReadonlyMap<string, FileStamp>;
    readonly given?: ReadonlyMap<string, { readonly ref: string }>;
  },
): KnownMailbox {
  const failed = new Set(outcome.troubles.map(({ subject }) => subject));
  const holdings = draftOf(known.holdings);
  const note = (ref: string, changes: Partial<Pick<Holding, 'ref' | 'uid' | 'flags' | 'file'>>): void => {
    const holding = holdings.get(ref);
    if (holding === undefined || failed.has(ref)) return;
    const noted = { ...holding, ...changes };
    if (noted.uid !== null && isProvisionalRef(noted.ref, noted.guid)) return;
    if (noted.ref !== ref) holdings.delete(ref);
    holdings.set(noted.ref, noted);
  };
  const noted = (flags: ReadonlySet<Flag>): ReadonlySet<Flag> =>
    outcome.unstorable.some((flag) => flags.has(flag))
      ? new Set([...flags].map((flag) => (outcome.unstorable.includes(flag) ? unstored(flag) : flag)))
      : flags;
  for (const { ref, flags } of change.setFlags) note(ref, { flags: noted(flags) });
  for (const { ref, uid } of change.renumber) note(ref, { uid });
  for (const { ref, uid, flags } of change.deliver) {
    const named = outcome.given?.get(ref)?.ref ?? ref;
    const file = outcome.stamps?.get(named);
    note(ref, { ref: named, uid, flags: noted(flags), ...(file === undefined ? {} : { file }) });
  }
  const isNumberless = known.stored && known.storeUids === null && change.renumber.length === 0;
  const { uidValidity, uidNext } = change;
  return {
    ...known,
    holdings: holdings.current(),
    storeUids: isNumberless ? null : { uidValidity, uidNext },
    stored: true,
  };
}
