import type { FileStamp } from './file-change-stamp.js';
import type { Flag, FlagSpelling } from './flags.js';
import type { Trouble } from './item-trouble.js';
import type { Untaken } from './packed/unreadable-file-reasons.js';
import type { BodySum } from './text/body-checksum.js';
import type { Guid } from './text/text-guid.js';

/** One mailbox as its store shows it. */
export type Scan = {
  /**
   * Null where the store gives out no UIDs (plain Maildir), or none that can be chosen (IMAP): the catalog keeps them.
   */
  readonly uids: { readonly uidValidity: number; readonly uidNext: number } | null;
  /**
   * Set beside `uids: null` where a server keeps UIDs in this store but none for this mailbox yet, or not any more: a
   * change that renumbers every message lays them down, before the server makes up others. All up to `above` may have
   * been given out, as what is left of a garbled list shows; else it is 0.
   */
  readonly uidsWanted?: { readonly above: number };
  readonly messages: readonly ScannedMessage[];
  /**
   * Set where the store was told what was seen before: of messages that are as they were then only the number is given,
   * and of those that were there and are not, the refs.
   */
  readonly sinceSeen?: { readonly unchanged: number; readonly absent: readonly string[] };
  /** Keywords as the store spells them, where it lists them by name; in no order. */
  readonly spelledKeywords?: readonly FlagSpelling[];
  /**
   * What `known` of the next scan should be; null where it would not be safe to rely on (a directory changed this
   * second).
   */
  readonly fingerprint: string | null;
  /** Programs that fetch mail into it, as the names of its messages show; left out where they show none. */
  readonly fetchers?: readonly string[];
  /** The store's own id of the mailbox (Dovecot's mailbox GUID): the same before and after a rename. */
  readonly mailboxId: string | null;
  /** Set where a part of the mailbox is not there: no message can be told to be gone. */
  readonly isPartial?: true;
  readonly troubles: readonly Trouble[];
};

/** What was seen of the messages of a mailbox before, for one scan of it. */
export type FilesAsSeen = {
  /** To be asked once for each message that is there: is it as it was? Has it no UID, that is null. */
  isAsSeen(ref: string, uid: number | null, flags: ReadonlySet<Flag>): boolean;
  /** The refs that were not asked for. */
  absent(): Iterable<string>;
};

/** How many messages a scan found. */
export function messagesIn({ messages, sinceSeen }: Scan): number {
  return messages.length + (sinceSeen?.unchanged ?? 0);
}

export type ScannedMessage = {
  readonly ref: string;
  readonly uid: number | null;
  /**
   * Beside `uid: null`: the UID that a store which cannot be told any has given it. Messages new here are taken in this
   * order.
   */
  readonly givenUid?: number;
  readonly flags: ReadonlySet<Flag>;
  /** Set where the message has keywords whose names the store has lost: nobody took them away. */
  readonly keywordsLost?: true;
};

export type Digest = {
  readonly ref: string;
  readonly guid: Guid;
  /** Where it is another one (`TextId`). */
  readonly same?: Guid;
  /** Bytes of the canonical text. */
  readonly sizeBytes: number;
  readonly receivedS: number;
  readonly body: BodySum;
  /**
   * Where its file is packed, the guid that the bytes in the file would have as a text: version 0.1 took them for one.
   */
  readonly packedGuid?: Guid;
  /** What its file was like just before it was read. */
  readonly file: FileStamp;
  /** What this message is called for others: Dovecot's message GUID, usually the base file name. */
  readonly hint: string;
};

/**
 * A file that is left alone, as it begins like a container and cannot be read: no message where it is new, and no
 * damage where it is not.
 */
export type UntakenMessage = { readonly ref: string; readonly untaken: Untaken };
