import type { ServedMailbox } from '../../mail/imap-mailbox-status.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { HostId } from '../../replica/host-id.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { Ranges } from '../../replica/number-ranges.js';
import type { Clock } from '../../replica/version-vector.js';
import type { Strangers } from '../../replica/vouched-hosts.js';

/** What a host says of itself, with its number among all it ever said: this acknowledges, and asks. */
export type Statement = {
  readonly account: string;
  readonly from: { readonly hostId: HostId; readonly name: string };
  /** That of the bundle it was first said in. */
  readonly number: number;
  /** Its clock of every mailbox it knows, also of those it has nothing to say about. */
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  /** Hosts whose bundles it reads and that, as far as those say, never read one of its own. */
  readonly unheard: readonly HostId[];
  /** Texts it knows of and does not have (FETCH). */
  readonly wanted: readonly Guid[];
  /** What its mail server tells clients of its mailboxes; empty where it has none. Outside the merge. */
  readonly served: ReadonlyMap<MailboxName, ServedMailbox>;
  /** The hosts in its clocks that it is not paired with, never was, and has not been itself. */
  readonly strangers: Strangers;
  /** The last statements that its maker made before, by ascending numbers. */
  readonly before: readonly Witnessed[];
  /** What the bundle with its number tells of mailboxes, as a digest (`recordsDigest`). */
  readonly records: string;
};

/** What a statement says, without what only its bundle bears out. */
export type Said = Omit<Statement, 'records'>;

/** A statement just as its maker wrote it: only these bytes are signed, and they are passed on. */
export type SignedStatement = {
  /** JSON; `decodeStatement` reads it. */
  readonly text: string;
  /** Armored, as `bundle.sig` is. */
  readonly sig: string;
};

/**
 * A bundle, or a statement, by its number and the beginning of the SHA-256 of its manifest or text: `witnessDigits` hex
 * digits.
 */
export type Witnessed = { readonly number: number; readonly digest: string };

/** Enough that no two bundles ever share them by chance, and half of what a hash takes. */
export const witnessDigits = 32;

/** The front of a bundle, without the record files' bookkeeping: who says what to whom, and what has been heard. */
export type Preamble = Said & {
  /** The hosts it is for; empty: anyone in the account. */
  readonly to: readonly HostId[];
  /** Information only: no rule depends on a wall clock. Seconds since 1970. */
  readonly madeAtS: number;
  /** Bundles of others that the sender has taken in completely. */
  readonly heard: ReadonlyMap<HostId, Ranges>;
  /**
   * The last bundles of hosts, its own among them, as the sender knows them: two hosts that know different ones under
   * one number find out.
   */
  readonly witnessed: ReadonlyMap<HostId, readonly Witnessed[]>;
  /** Texts in this bundle because somebody asked for them. */
  readonly answers: readonly Guid[];
  /** What others have said, passed on for those that may not have heard it. */
  readonly relayed: readonly SignedStatement[];
  /** The newest statement of each host that the sender holds. */
  readonly statements: ReadonlyMap<HostId, Witnessed>;
  /** Hosts that told two stories, and whose messages the sender has made its own. */
  readonly disowned: readonly HostId[];
  /** Two statements each that show so, passed on for those that may not have seen them. */
  readonly equivocations: readonly Equivocation[];
  /** Programs that fetch mail into the sender's store: `mbsync`, `offlineimap`. */
  readonly fed: readonly string[];
  /** Which account on a server the sender's store is (`serverAccountId`); left out where it is on its own machine. */
  readonly serverAccount?: string;
};

/** A text to be sent. Readers in other threads use `file`; where that fails or there is none, `read` is asked. */
export type OutgoingText = {
  readonly guid: Guid;
  readonly sizeBytes: number;
  readonly file: string | null;
  /** The canonical text, looked up anew. */
  readonly read: () => Promise<Uint8Array>;
};

export type BundleContents = {
  readonly preamble: Preamble;
  readonly news: Iterable<MailboxNews>;
  /** Each guid once, in the order in which they should travel. */
  readonly texts: Iterable<OutgoingText>;
};

/** Two statements, signed by one host, that cannot both be true. */
export type Equivocation = readonly [SignedStatement, SignedStatement];

/**
 * What was written. `left` are texts that were announced but not sent: unreadable, or no longer what their guid says.
 */
export type Receipt = {
  readonly sizeBytes: number;
  readonly imprint: string;
  /** SHA-256 of `bundle.json`, by which a bundle is known for ever. */
  readonly manifestSha256: string;
  /** By which the statement in it is known. */
  readonly statementDigest: string;
  readonly records: number;
  readonly texts: number;
  readonly textBytes: number;
  readonly left: readonly Trouble[];
};

/** A text that has arrived and is what its guid says. */
export type ArrivedText = { readonly guid: Guid; readonly text: Uint8Array };

/** How far a long operation has come, for whoever shows it. */
export type Progress = {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly doneMessages: number;
  readonly totalMessages: number;
};
