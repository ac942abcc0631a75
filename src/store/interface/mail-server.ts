import type { ServedMailbox } from '../../mail/imap-mailbox-status.js';
import type { MailboxName } from '../../mail/mailbox-name.js';

/** What clients are told of a mailbox, and how many messages they are shown there. */
export type ShownMailbox = ServedMailbox & { readonly messages: number };

/**
 * The mail server that shows a store to its clients, asked and told what no file of the store says: its modseqs (RFC
 * 7162), and that mailboxes came or went. Everything here may be repeated. Throws `io` where the server's own tool
 * fails.
 */
export interface MailServer {
  /** What people call it. */
  readonly name: string;

  /**
   * What clients are told of each mailbox now. A mailbox that the server does not show is not there: it does not know
   * of it, or cannot open it.
   */
  served(): Promise<ReadonlyMap<MailboxName, ShownMailbox>>;

  /**
   * Makes HIGHESTMODSEQ at least `least`, and lets the server forget what it knows of older expunges: whoever asks
   * since an earlier modseq is then told all UIDs that are not there (RFC 7162, section 3.2.10.1). Gives false where it
   * does not forget, as the mailbox has no message; true also where the server does not show the mailbox, and there is
   * nothing to forget.
   */
  raiseModseqs(mailbox: MailboxName, least: number): Promise<boolean>;

  /**
   * Gives the messages with these UIDs a new modseq, above all others, where theirs is `above` or less. Their flags
   * stay. Gives how many got one.
   */
  renewModseqs(mailbox: MailboxName, uids: readonly number[], above: number): Promise<number>;

  /**
   * The mailboxes that clients are shown although they are not there, or not shown although they are. Changes nothing.
   */
  wronglyListed(): Promise<readonly WronglyListed[]>;

  /**
   * To be called when mailboxes were made or removed in the store: what the server's own list of mailboxes does not
   * notice by itself is told to it. Gives the mailboxes that it goes on showing wrongly.
   */
  noticeMailboxes(): Promise<readonly WronglyListed[]>;
}

/** The server, or why there is none that can be asked; `problem` is null where no client was ever shown this store. */
export type ServerAccess =
  | { readonly server: MailServer; readonly problem?: never }
  | { readonly server: null; readonly problem: UnaskableServer | null };

/** A server that shows the store and cannot be asked: its name, why not, as the end of a sentence, and what to do. */
type UnaskableServer = { readonly name: string; readonly why: string; readonly remedy: string };

/**
 * hidden: in the store, and clients are not shown it. ghost: not in the store, and clients are shown it. `remedy` is a
 * command.
 */
export type WronglyListed = {
  readonly mailbox: MailboxName;
  readonly how: 'hidden' | 'ghost';
  readonly remedy: string;
};
