import type { Flag } from '../mail/flags.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { Guid } from '../mail/text/text-guid.js';
import type { FlagRegister, UidRegister, Validity } from './last-writer-registers.js';
import type { Birth, BirthKey } from './message-birth.js';
import { emptyLedger, type Ledger } from './uid-ledger.js';
import { type Clock, emptyClock } from './version-vector.js';

/** One message in one mailbox. Instances are never mutated: an unchanged object means an unchanged instance. */
export type Instance = {
  readonly birth: Birth;
  /** The modseq of the scan that saw the birth; (modseq, birth.host) is the birth's stamp. */
  readonly modseq: number;
  readonly guid: Guid;
  /**
   * The digest of its text without stamped lines, where it is another one (`TextId`). Hosts may hold copies that differ
   * in those.
   */
  readonly same?: Guid;
  /** Bytes of the canonical (LF) text that `guid` names. */
  readonly sizeBytes: number;
  /** INTERNALDATE, in seconds since 1970. */
  readonly receivedS: number;
  /** The base file name it had where it was born, which is Dovecot's message GUID; a wish, never trusted. */
  readonly hint: string;
  /**
   * Set where its host knew the same mail under another birth before, and entered it anew: the modseq under which it
   * did. It is above that of every birth for which that one may have been given up (`compareForKeeping`).
   */
  readonly anew?: number;
  readonly uid: UidRegister;
  readonly flags: ReadonlyMap<Flag, FlagRegister>;
  /**
   * Set where one scan saw this guid go from another mailbox (mrepl-sync(7), Moves), or this message take the place of
   * one that was written anew.
   */
  readonly movedFrom?: Source;
};

/** Where a moved message came from, and what the mover knew of that mailbox then. */
export type Source = { readonly mailbox: MailboxName; readonly birth: Birth; readonly clock: Clock };

/** What one host knows of one mailbox: the replicated state that merges with any peer's. */
export type MailboxState = {
  readonly name: MailboxName;
  readonly clock: Clock;
  /** The Lamport clock: the highest modseq known of anybody. */
  readonly highestModseq: number;
  readonly validity: Validity | null;
  /** Above every UID that was ever given out in the current UIDVALIDITY, as far as is known. */
  readonly uidNext: number;
  readonly exists: FlagRegister;
  readonly subscribed: FlagRegister;
  readonly instances: ReadonlyMap<BirthKey, Instance>;
  readonly ledger: Ledger;
};

const untouched: FlagRegister = { on: false, modseq: 0, host: '' };

/** A mailbox nobody has ever heard of. */
export function blankMailbox(name: MailboxName): MailboxState {
  return {
    name,
    clock: emptyClock,
    highestModseq: 0,
    validity: null,
    uidNext: 1,
    exists: untouched,
    subscribed: untouched,
    instances: new Map(),
    ledger: emptyLedger,
  };
}

/** A mailbox is there when its register says so or a living message is in it (mrepl-sync(7), Mailboxes). */
export function isPresent(state: MailboxState): boolean {
  return state.exists.on || state.instances.size > 0;
}
