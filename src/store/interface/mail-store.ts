import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { Flag } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Delivery, MailboxChange } from '../../mail/mailbox-change.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Digest, FilesAsSeen, Scan, UntakenMessage } from '../../mail/mailbox-scan.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { ServerAccess } from './mail-server.js';
import type { StoreCapabilities } from './store-capabilities.js';

/**
 * A place where mail lives. Whoever implements it passes the contract in `test/store/contract.ts`.
 *
 * A store knows nothing of births, clocks or peers. Its messages are named by `ref`: a string that is unique within the
 * mailbox and stays as long as the message does (Maildir: the base file name, before `:2,`; IMAP: the UID in its
 * UIDVALIDITY). Every method may be repeated, but for what `StoreCapabilities.refs` says of `change`. Trouble with the
 * whole store throws a `Failure`; trouble with one mailbox or one message is a value in the result.
 */
export interface MailStore {
  /** How the user named it, for messages: `maildir:/home/alice/Maildir`. */
  readonly description: string;

  readonly capabilities: StoreCapabilities;

  /**
   * All mailboxes with their subscriptions, INBOX included, in no particular order. Changes nothing.
   * Throws `store-absent` where the store itself is not there.
   */
  list(): Promise<StoreListing>;

  /**
   * What the store is and can, for its user: sentences without a full stop; none where there is nothing to say. Throws
   * as `list` does.
   */
  about(): Promise<readonly string[]>;

  /** Programs that fetch mail into the store, as their files beside the mail show. */
  fetchers(): Promise<readonly string[]>;

  /**
   * One mailbox as it is now. Throws where it is there and cannot be read: its messages are unknown then, not gone.
   * Where `known` is the fingerprint of an earlier scan and nothing has changed since, the answer is 'unchanged', for
   * the price of a few stats; null where there is no such mailbox. Messages the store has not given a UID yet get one
   * first if `assignUids` is set (Maildir with a UID list: under Dovecot's lock), but for those of `announced`, whose
   * UIDs are chosen and will come with a change; else they come with uid null.
   */
  scan(mailbox: MailboxName, options: ScanOptions): Promise<Scan | 'unchanged' | null>;

  /**
   * Reads the texts named, unpacked where the store keeps them packed, and says what they are: one answer per ref, in
   * any order; trouble with one is its answer, with the code `io` where it lies on a disk that cannot be read, and so
   * is why it is not taken. None for a message that is not there any more: the next scan sees what became of it.
   */
  digest(mailbox: MailboxName, refs: readonly string[]): AsyncIterable<Digest | UntakenMessage | Trouble>;

  /** What the files of these messages are like, without reading them; left out is what is not there. */
  stamps(mailbox: MailboxName, refs: readonly string[]): Promise<ReadonlyMap<string, FileStamp>>;

  /** The canonical (LF) text of a message; throws `store-damaged`, `not-taken` or `io` where it cannot be read. */
  readText(mailbox: MailboxName, ref: string): Promise<Uint8Array>;

  /**
   * A file that held the message's text when last seen, packed or not, for readers in other threads; null where there
   * are no files.
   */
  textFile(mailbox: MailboxName, ref: string): string | null;

  /**
   * The ref a message delivered with this hint will have, given the refs already in use; chosen before, so that a
   * half-done delivery can be recognised. A provisional one where the store gives refs itself. A text that arrived just
   * now must lie in the spool by then: a hint that states sizes is followed only where they are known to be those of
   * the text. `isCopy`: the hint is the name of another copy of the mail, with other stamped lines.
   */
  chooseRef(
    hint: string,
    taken: { has(ref: string): boolean },
    text: { readonly guid: Guid; readonly sizeBytes: number; readonly isCopy?: true },
  ): string;

  /**
   * What stays of a ref where the message is packed by others, or moved since: messages in whatever mailboxes whose
   * refs have it in common may be one. The ref itself, where refs say nothing of a message.
   */
  stemOf(ref: string): string;

  /**
   * Lets nobody else give out UIDs in the mailbox until the function it gives is called, where that is possible: for
   * one that was 'moved' before, to be scanned, planned and changed in peace. Mail still arrives, and gets its UID
   * afterwards.
   */
  hold(mailbox: MailboxName): Promise<() => void>;

  /**
   * Carries out changes of one mailbox, making it where `expected` is 'absent', in an order that leaves a valid mailbox
   * at every instant: deliveries come before expunges, as the text of one may be that of the other, and what is
   * expunged is in the host's trash at once. What it delivers comes from the host's spool, or from another message.
   * Does nothing at all, and answers 'moved', where the mailbox, UIDVALIDITY or UIDNEXT are not what `expected` says
   * (somebody delivered meanwhile): scan and plan again. May answer 'moved' after a part was done. Trouble with the
   * mailbox as a whole, such as one that cannot be made, is the answer 'failed' and a trouble whose subject is its
   * name: only a look says how much was done.
   */
  change(mailbox: MailboxName, change: MailboxChange): Promise<ChangeOutcome>;

  /**
   * Puts a text in the place of what a message holds: ref, UID and flags stay, and the date is that of `file` again.
   * What was there is put aside in the host's trash, where the store has it in a file. 'no-text' where `text` is not
   * there or is not what `guid` says, and always in a store that cannot rewrite in place, 'gone' where the message is,
   * 'written-anew' where somebody wrote the file since it was like `file`, and what is there now is a message of its
   * own beside the text; then nothing was done.
   */
  replaceText(mailbox: MailboxName, message: Replacement): Promise<'done' | 'gone' | 'no-text' | 'written-anew'>;

  /**
   * A ref for the message as it is now, whatever its text was when it got the one it has; it is its own from `setApart`
   * on. Null where it is gone, and in a store that cannot rewrite in place.
   */
  nameApart(mailbox: MailboxName, ref: string): Promise<NamedApart | null>;

  /**
   * Makes a message that somebody wrote anew in its place another one, as if it had been expunged and delivered again:
   * its ref is `as` from now on, and its UID will be the next. Its text and flags stay, its date becomes `receivedS`,
   * or is left where it is earlier. False where it is gone, or was written to since it was named.
   */
  setApart(mailbox: MailboxName, message: Apart): Promise<boolean>;

  /** Removes a mailbox that holds no message; one that does is left alone and the answer is false. */
  removeMailbox(mailbox: MailboxName): Promise<boolean>;

  subscribe(mailbox: MailboxName, on: boolean): Promise<void>;

  /**
   * What is not as it should be beside the mail, or in the way of it, beyond what `list` and `scan` tell: permissions,
   * files left behind. Changes nothing.
   */
  inspect(): Promise<readonly Trouble[]>;

  /**
   * To be called once a run has died: removes the locks it held and what it had half made in the mailboxes named, and
   * puts back what it was removing, to be removed again. Leaves the texts in the spool as they are.
   */
  clearAfterCrash(mailboxes: readonly MailboxName[]): Promise<void>;

  /**
   * Makes everything durable that it has done so far: deliveries, renames, expunges into the trash. One sync per batch,
   * not one per file.
   */
  sync(): Promise<void>;

  /** The mail server that shows this store to clients. Looked for once, and remembered. */
  server(): Promise<ServerAccess>;

  /** Gives back threads and handles. */
  close(): Promise<void>;
}

/** A name for what a file holds, and what the file was like. */
export type NamedApart = { readonly as: string; readonly file: FileStamp };

export type Apart = NamedApart & { readonly ref: string; readonly receivedS: number };

export type Replacement = {
  readonly ref: string;
  readonly guid: Guid;
  readonly text: Delivery['text'];
  /** What the file was like when it held that text; null where nobody knows. */
  readonly file: FileStamp | null;
};

export type ScanOptions = {
  readonly known: string | null;
  readonly assignUids: boolean;
  /** Refs under which an interrupted run may have delivered. */
  readonly announced?: ReadonlySet<string>;
  /**
   * What was seen before, asked for only where the mailbox is looked through: a store may answer with what differs
   * (`Scan.sinceSeen`), or with all.
   */
  readonly seen?: () => FilesAsSeen;
};

export type StoreListing = {
  readonly mailboxes: readonly ListedMailbox[];
  /** Mailboxes that could not be named or read, each with what is wrong. */
  readonly troubles: readonly Trouble[];
};

export type ListedMailbox = {
  readonly name: MailboxName;
  /** Null where the store has no list of subscriptions: nobody said anything of this one. */
  readonly subscribed: boolean | null;
};

export type ChangeOutcome = {
  readonly outcome: 'done' | 'moved' | 'failed';
  /** When 'done': single messages that could not be dealt with; everything else was. */
  readonly troubles: readonly Trouble[];
  /** Keywords that this store has no room for, kept by the catalog only. */
  readonly unstorable: readonly Flag[];
  /** What the texts of the messages delivered are like from outside, by the refs that they have now. */
  readonly stamps: ReadonlyMap<string, FileStamp>;
  /**
   * What the messages delivered are called by a store that names them itself, by the refs under which they were
   * announced.
   */
  readonly given: ReadonlyMap<string, GivenName>;
};

/**
 * What a store called a message that was delivered to it. `uid`: the one its other clients see, whatever the change
 * asked for.
 */
export type GivenName = { readonly ref: string; readonly uid: number };
