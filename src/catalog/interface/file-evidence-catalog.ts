import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { BodySum, KnownBody } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';

/**
 * What the files of messages were like while they held their texts: by this it is told later whether and how a file was
 * changed.
 */
export interface FileEvidenceCatalog {
  /** What the file of a message was like when it held its text; null where nobody noted that. */
  fileOf(mailbox: MailboxName, ref: string): FileStamp | null;
  /** Notes it once more, as it has been read again, or was put right. */
  noteFile(mailbox: MailboxName, ref: string, file: FileStamp): void;
  /** The body of a text that is in the store; null where it was not noted. */
  bodyOf(guid: Guid): KnownBody | null;
  /** The texts in the store that have one of these bodies. Not indexed: for a look at many at once. */
  textsWithBodies(bodies: Iterable<Omit<BodySum, 'marks'>>): [Guid, Omit<BodySum, 'marks'>][];
  /** Kept as long as a message in the store has the text: to be noted once its holding is saved, or is about to be. */
  noteBodies(bodies: Iterable<readonly [Guid, BodySum]>): void;
}
