import type { Flag, FlagSpelling } from '../mail/flags.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import type { HostId } from './host-id.js';
import type { FlagRegister, UidRegister, Validity } from './last-writer-registers.js';
import type { Living } from './living-births-by-host.js';
import type { Instance } from './mailbox-state.js';
import type { Birth } from './message-birth.js';
import type { Ledger } from './uid-ledger.js';
import type { Clock } from './version-vector.js';

/** Registers of an instance that the receiver knows already, as far as the base does not cover them. */
export type Update = {
  readonly birth: Birth;
  readonly uid?: UidRegister;
  readonly flags: ReadonlyMap<Flag, FlagRegister>;
};

/** What a bundle says of one mailbox (mrepl-sync(7), WHAT A BUNDLE SAYS): the sender's state as seen from `base`. */
export type MailboxNews = {
  readonly name: MailboxName;
  readonly from: HostId;
  readonly base: Clock;
  readonly clock: Clock;
  readonly highestModseq: number;
  readonly validity: Validity | null;
  readonly uidNext: number;
  readonly exists: FlagRegister;
  readonly subscribed: FlagRegister;
  readonly living: Living;
  readonly ledger: Ledger;
  /** Instances whose birth the base does not cover, whole. */
  readonly saves: readonly Instance[];
  /** Instances whose birth it covers, with the registers it does not. */
  readonly updates: readonly Update[];
  /** Keywords as they are spelt at the sender, where that is not the lower-case form. A hint, outside the merge. */
  readonly spelling: readonly FlagSpelling[];
  /** Set by who receives it, where not all of it is believed: its clock does not cover all that it changes then. */
  readonly isDoubted?: true;
  /** Births of some host are other messages there than here: that a message is not in it says nothing. */
  readonly expungesNothing?: true;
};
