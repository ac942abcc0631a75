import { type Flag, type Spellings, spellingOf } from '../mail/flags.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Guid } from '../mail/text/text-guid.js';
import type { HostId } from '../replica/host-id.js';
import type { Birth } from '../replica/message-birth.js';

/**
 * What a merge decided, for the report a person reads (dry run, log). Decisions explain; the state that comes with them
 * is what counts. UIDs are null where the message has none in the UIDVALIDITY that holds now.
 */
export type Decision =
  | {
      readonly kind: 'new';
      readonly birth: Birth;
      readonly guid: Guid;
      readonly sizeBytes: number;
      readonly uid: number | null;
    }
  | {
      readonly kind: 'expunged';
      readonly birth: Birth;
      readonly guid: Guid;
      /** By which it was known here, also where UIDVALIDITY changes with it. */
      readonly uid: number;
      readonly by: HostId;
    }
  /** Written anew by somebody: `birth` takes the place of `replaced`, whose text goes into the trash here. */
  | {
      readonly kind: 'rewritten';
      readonly birth: Birth;
      readonly replaced: Birth;
      readonly guid: Guid;
      /** Of the text that goes. */
      readonly replacedGuid: Guid;
      readonly sizeBytes: number;
      readonly uid: number | null;
      /** By which the one that goes was known here. */
      readonly replacedUid: number;
      readonly by: HostId;
    }
  /** Born on both sides: one message from now on (rule 4). */
  | {
      readonly kind: 'unified';
      readonly kept: Birth;
      readonly dropped: Birth;
      readonly guid: Guid;
      readonly same?: Guid;
    }
  | {
      readonly kind: 'flags';
      readonly birth: Birth;
      readonly uid: number | null;
      readonly set: readonly Flag[];
      readonly cleared: readonly Flag[];
    }
  /** Two hosts changed one flag without knowing of each other. */
  | {
      readonly kind: 'flag-conflict';
      readonly birth: Birth;
      readonly flag: Flag;
      readonly on: boolean;
      readonly winner: HostId;
      readonly loser: HostId;
    }
  /** Expunged here or there while the other side changed its flags: the expunge wins. */
  | { readonly kind: 'expunge-won'; readonly birth: Birth; readonly winner: HostId; readonly loser: HostId }
  | {
      readonly kind: 'renumbered';
      readonly birth: Birth;
      readonly from: number | null;
      readonly to: number;
      readonly why: RenumberReason;
    }
  /** Known before, and its text, for which it waited, is here now. */
  | {
      readonly kind: 'awaited';
      readonly birth: Birth;
      readonly guid: Guid;
      readonly sizeBytes: number;
      readonly uid: number | null;
    }
  | { readonly kind: 'uidvalidity'; readonly from: number | null; readonly to: number }
  | { readonly kind: 'created' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'kept' /** deleted by `by`, but living mail is in it */; readonly by: HostId }
  | { readonly kind: 'subscribed'; readonly on: boolean }
  | {
      readonly kind: 'moved-flags';
      readonly birth: Birth;
      readonly from: MailboxName;
      readonly flags: readonly Flag[];
    };

/**
 * uidvalidity: its UID belonged to a UIDVALIDITY that lost. conflict: the UID was given out twice. late: its UID is
 * below UIDNEXT of this store, where nothing can be added any more.
 */
export type RenumberReason = 'uidvalidity' | 'conflict' | 'late';

/** The decisions with keywords spelt as people know them, for a report. */
export function spelledDecisions(decisions: readonly Decision[], spellings: Spellings): readonly Decision[] {
  const spell = (flag: Flag): string => spellingOf(flag, spellings);
  return decisions.map((decision) => {
    switch (decision.kind) {
      case 'flags':
        return { ...decision, set: decision.set.map(spell), cleared: decision.cleared.map(spell) };
      case 'moved-flags':
        return { ...decision, flags: decision.flags.map(spell) };
      case 'flag-conflict':
        return { ...decision, flag: spell(decision.flag) };
      default:
        return decision;
    }
  });
}
