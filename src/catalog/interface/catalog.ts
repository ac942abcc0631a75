import type { FileStamp } from '../../mail/file-change-stamp.js';
import type { Flag, FlagSpelling, Spellings } from '../../mail/flags.js';
import type { MailboxName } from '../../mail/mailbox-name.js';
import type { BodySum, KnownBody } from '../../mail/text/body-checksum.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { TextId } from '../../mail/text/text-guid-and-second-digest.js';
import type { HostId } from '../../replica/host-id.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import type { BirthKey } from '../../replica/message-birth.js';
import type { Ranges } from '../../replica/number-ranges.js';
import type { Right } from '../../replica/peer-permission.js';
import type { Clock, Tick } from '../../replica/version-vector.js';
import type { Keep } from '../sql/transactions.js';

/** Who this host is in this account; laid down by `init`, and anew by `rejoin`. */
export type Identity = {
  readonly hostId: HostId;
  /** For people and file names: lower-case letters, digits and dashes. */
  readonly hostName: string;
  readonly account: string;
  /** The store as the user named it: `maildir:/home/alice/Maildir`. */
  readonly store: string;
};

/** A mailbox without its messages: cheap to read for all mailboxes at every run. */
export type MailboxSummary = Omit<KnownMailbox, 'state' | 'holdings'> & {
  readonly state: Omit<KnownMailbox['state'], 'instances' | 'ledger'>;
  readonly messages: number;
  /** Instances whose text is not in the store: no holding, or one whose delivery has not been seen. */
  readonly waiting: number;
  /** Holdings whose instance is not alive any more, and whose file is therefore still to be removed. */
  readonly leftovers: number;
};

/** What is known of another host, from its own bundles, or from what others passed on of them. */
export type Peer = {
  readonly hostId: HostId;
  readonly hostName: string;
  /** The number of the last of its bundles that was taken in, and when (seconds since 1970; for people only); 0 and null before the first. */
  readonly lastNumber: number;
  readonly lastHeardS: number | null;
  /** Its bundles that were taken in completely. */
  readonly taken: Ranges;
  /** Which of this host's bundles it has taken in, as its own last bundle says. */
  readonly heard: Ranges;
  /** Its clock of each mailbox, as its own last bundle says. */
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  /** What it has taken in of this host's bundles beyond that: it may be limiting this host. */
  readonly heardOfUs: ReadonlyMap<MailboxName, Clock>;
  /** What its bundles said while it was limited here, taken or not. */
  readonly told: ReadonlyMap<MailboxName, Clock>;
  /** Texts it asked for in its last bundle. */
  readonly wanted: ReadonlySet<Guid>;
  /** Hosts whose bundles it reads, and that had not read one of its own when it wrote its last. */
  readonly unheard: ReadonlySet<HostId>;
  /** The newest statement of each host that it holds, as its own last bundle says. */
  readonly statements: ReadonlyMap<HostId, HeldStatement>;
  /** Has a bundle of its own ever come here? */
  readonly isDirect: boolean;
};

/** A statement by its number and its digest, 32 hex digits. */
type HeldStatement = { readonly number: number; readonly digest: string };

/** The newest that is known of what a host says of itself, byte for byte as it signed it (mrepl-bundle(5), STATEMENTS). */
export type KeptStatement = {
  readonly hostId: HostId;
  /** That of the bundle it was first said in. */
  readonly number: number;
  readonly text: string;
  readonly sig: string;
  /** Is it signed with the key that its host is paired with here? Else it is the word of `saidBy`. */
  readonly isVerified: boolean;
  /** Whose bundle brought it: another host, or itself. */
  readonly saidBy: HostId;
};

/** What a host has signed that it did: its own entry in each clock of its statement of this number. Mailboxes in which it did nothing are missing. */
export type SignedDeeds = { readonly number: number; readonly ticks: ReadonlyMap<MailboxName, Tick> };

/** Another host whose identity card the user has accepted. */
export type PairedHost = {
  readonly hostId: HostId;
  /** What it is called here: no two of an account are called the same. */
  readonly name: string;
  /** Its Ed25519 key as OpenSSH writes it: `ssh-ed25519 AAAA...`. */
  readonly signingKey: string;
  /** `age1...` */
  readonly ageRecipient: string;
  readonly right: Right;
  /** Nothing of it is taken any more, and nothing is sealed to it. */
  readonly isRevoked: boolean;
  /** It goes on under another id: what it wrote before is still taken, but nothing is sealed to it, and nobody waits for what it has. */
  readonly isRetired: boolean;
  readonly pairedAtS: number;
};

/** A bundle this host has written. */
export type Exported = {
  readonly number: number;
  readonly fileName: string;
  readonly sizeBytes: number;
  /** Hash of the file's beginning and end, to see cheaply whether it lies intact in a directory. */
  readonly imprint: string;
  readonly madeAtS: number;
  /** Who can take it in; empty: anyone in the account. */
  readonly recipients: ReadonlySet<HostId>;
  /** Only of the mailboxes it has news of. */
  readonly base: ReadonlyMap<MailboxName, Clock>;
  /** What whoever knew the base knows of those mailboxes after it: less than this host does, where it told of a part. */
  readonly carried: ReadonlyMap<MailboxName, Clock>;
  /** Of every mailbox: what this bundle said this host knows. */
  readonly clocks: ReadonlyMap<MailboxName, Clock>;
  readonly wanted: ReadonlySet<Guid>;
  readonly answered: ReadonlySet<Guid>;
  readonly unheard: ReadonlySet<HostId>;
  /** What it passed on of others, as a digest of each statement. */
  readonly relayed: ReadonlyMap<HostId, string>;
  /** The number of the newest bundle of this host when this one was written, or was last noted to lie whole in a directory. */
  readonly lastSeen: number;
};

/**
 * Mail that went from a mailbox here, or whose place other mail has taken, while peers may still hold it: their copies need no second
 * journey.
 */
export type Departed = {
  readonly mailbox: MailboxName;
  readonly birth: BirthKey;
  readonly guid: Guid;
  readonly same?: Guid;
  readonly modseq: number;
  /** A bundle with a part of the mailbox has told of it: no clock shows any more who holds it still. */
  readonly told: boolean;
};

/** A message that an import expunged here. Its text is in the store's trash once the store has been changed. */
export type Trashed = {
  readonly mailbox: MailboxName;
  readonly birth: BirthKey;
  /** What its file held. */
  readonly guid: Guid;
  readonly same?: Guid;
  readonly sizeBytes: number;
  /** Under which the message was known here. */
  readonly uidValidity: number;
  readonly uid: number;
  readonly flags: ReadonlySet<Flag>;
  readonly receivedS: number;
  readonly hint: string;
  /** When the import decided it, by the clock of that moment. */
  readonly atS: number;
  /** How much time runs had seen to pass here by then, in seconds: from this its age counts, whatever clocks did. */
  readonly seenS: number;
  /** The host whose bundle said so, and that bundle. */
  readonly by: HostId;
  readonly bundle: { readonly fileName: string; readonly number: number };
};

/** A message in the store whose file does not hold its text any more. */
export type FlawedText = {
  readonly mailbox: MailboxName;
  readonly ref: string;
  /** What it should be. */
  readonly guid: Guid;
  readonly same?: Guid;
  /** By which others know it: the message may be there in a copy with other stamped lines. */
  readonly wanted: Guid;
  /** altered: its user wrote it anew, or a program of his. damaged: anything else. */
  readonly kind: 'damaged' | 'altered';
  /** What is there instead; null where it cannot be read. */
  readonly found: Guid | null;
  /** Where it was altered: the ref that it has been given, or is about to be given, as another message. */
  readonly successor: string | null;
};

/** A flaw as it is found: the message says which text it should be. */
export type NewFlaw = Omit<FlawedText, 'guid' | 'same' | 'wanted' | 'successor'> &
  Partial<Pick<FlawedText, 'successor'>>;

/** A file, and what it holds. Bytes are those of the canonical text; null where a message that is to go was seen by an mrepl that kept no sizes. */
export type HeldCopy = TextId & {
  readonly mailbox: MailboxName;
  readonly ref: string;
  readonly sizeBytes: number | null;
};

/**
 * What the mail server of this host still has to be told of a mailbox, so that mail programs which come from a peer's server hear of all
 * differences: to raise HIGHESTMODSEQ above `above`, and to give new modseqs to these messages where they have lower ones.
 */
export type ModseqDuty = {
  readonly mailbox: MailboxName;
  readonly above: number;
  /** Was something done here that the peer had not heard of? */
  readonly isBehind: boolean;
  readonly births: ReadonlySet<BirthKey>;
};

export type LogEntry = {
  readonly atS: number;
  readonly what: 'export' | 'import' | 'scan' | 'restore' | 'forget' | 'rejoin';
  readonly details: Record<string, unknown>;
};

/**
 * What this host remembers of one account: one SQLite file, held exclusively from opening to closing. All
 * methods are synchronous. Changes outside `transaction` are transactions of their own.
 */
export interface Catalog {
  readonly identity: Identity;
  /** From now on this host is another one, is called otherwise, or has its mail elsewhere; what it was stays in what others and it itself have recorded. */
  putIdentity(identity: Omit<Identity, 'account'>): void;
  /** Did the run before this one die? Then it may have left more behind than the catalog knows of. */
  readonly lastRunDied: boolean;
  /**
   * Does all that `work` changes here, or nothing of it: durable when this returns, or when its promise is fulfilled; undone when `work` throws,
   * or when the commit fails, which is thrown then. (Whether a commit that failed happened all the same, as where the disk went away in the
   * middle of it, only the next run can tell.) Undone too, and no failure, where `keep` is false, as for a dry run, or says no to the result. Within
   * another transaction it is a part of that one, which can be undone by itself. Whatever is changed while an asynchronous one is open belongs to it.
   */
  transaction<T>(work: () => T, options?: { readonly keep?: Keep<T> | undefined }): T;

  summaries(): MailboxSummary[];
  /** Null where the mailbox was never heard of. Numbers, names and JSON read back are parsed, not trusted. */
  load(mailbox: MailboxName): KnownMailbox | null;
  /** Writes what differs from `before`, which must be what `load` gave (compared by object identity) or null. */
  save(before: KnownMailbox | null, after: KnownMailbox): void;

  /**
   * A message in the store that is this mail (a holding that has been seen, and has no flaw), in any mailbox, and what it holds: the very text where
   * that is there, else a copy of it with other stamped lines.
   */
  copyOf(mail: TextId): HeldCopy | null;
  /** What is known of a text that somebody names by its guid, by the messages that have it. */
  textNamed(guid: Guid): TextId;
  /** The size of the canonical text, where a message that holds it is in the store; null where there is none. */
  sizeOf(guid: Guid): number | null;
  /** Every living instance of this mail, in any mailbox, with its own guid. Indexed: an export asks it for each text it might send. */
  birthsOf(mail: TextId): { mailbox: MailboxName; birth: BirthKey; guid: Guid }[];
  /** Every message in the store that holds this mail or should, in any mailbox; the very text first. */
  filesOf(mail: TextId): { mailbox: MailboxName; ref: string }[];
  /** Every guid with a living instance that waits for its text, or has a damaged one, in all mailboxes. */
  waitingGuids(): Guid[];
  /** Those of them that can be delivered when they come: their mailbox is in the store, and they are not impossible. */
  deliverableGuids(): Guid[];
  /** What is known of these texts, for which messages wait. */
  textsNamed(guids: Iterable<Guid>): TextId[];
  /** Guids of texts that came and are none: what has that hash is not in canonical form, so that nothing in a store can ever have it. */
  impossibleGuids(): ReadonlySet<Guid>;
  /** Kept as long as a living message, here or elsewhere, is said to have that text. */
  noteImpossible(guids: Iterable<Guid>): void;

  /** Of living messages, by mailbox and ref. A flaw goes with the file that has it. */
  flawedTexts(): FlawedText[];
  putFlaw(flaw: NewFlaw): void;
  dropFlaw(mailbox: MailboxName, ref: string): void;
  /** The body of a text that is in the store; null where it was not noted. */
  bodyOf(guid: Guid): KnownBody | null;
  /** The refs that altered messages of a mailbox have been given as other messages, or are about to be given, with those they had. */
  successorsIn(mailbox: MailboxName): ReadonlyMap<string, string>;
  /** What the file of a message was like when it held its text; null where nobody noted that. */
  fileOf(mailbox: MailboxName, ref: string): FileStamp | null;
  /** Notes it once more, as it has been read again, or was put right. */
  noteFile(mailbox: MailboxName, ref: string, file: FileStamp): void;
  /** The texts in the store that have one of these bodies. Not indexed: for a look at many at once. */
  textsWithBodies(bodies: Iterable<Omit<BodySum, 'marks'>>): [Guid, Omit<BodySum, 'marks'>][];
  /** Kept as long as a message in the store has the text: to be noted once its holding is saved, or is about to be. */
  noteBodies(bodies: Iterable<readonly [Guid, BodySum]>): void;

  /** How keywords are spelt, as far as somebody was seen to spell them in capitals. */
  spellings(): Spellings;
  /** Of a keyword the first spelling is kept. Those in lower case, and more than `spellingsMax` in all, are passed over. */
  noteSpellings(spellings: readonly FlagSpelling[]): void;

  /** Every host that anything here names, or ever named. */
  knownHosts(): HostId[];

  /** By name. Not all are recipients: of some only what others need to know is kept. */
  peers(): Peer[];
  putPeer(peer: Peer): void;
  /** Forgets a host of which only others have spoken. */
  dropRelayedPeer(host: HostId): void;

  /** What is known of each host's newest statement, without the text, which may be long. */
  statementNumbers(): ReadonlyMap<
    HostId,
    Pick<KeptStatement, 'number' | 'isVerified' | 'saidBy'> & { readonly sizeBytes: number }
  >;
  /** Null where nothing was ever heard of it. */
  statementOf(host: HostId): KeptStatement | null;
  /** In the place of the one that is kept of this host. */
  putStatement(statement: KeptStatement): void;
  dropStatement(host: HostId): void;

  /** The number of the newest statement of each host, this one included, of which it is remembered what it signed that it did. */
  signedNumbers(): ReadonlyMap<HostId, number>;
  /**
   * What the host had signed that it did up to its statement of this number: as it stands in that, or in the first after it that is remembered,
   * which says as much or more. Null where the number is above all that is known.
   */
  signedUpTo(host: HostId, number: number): SignedDeeds | null;
  putSigned(host: HostId, deeds: SignedDeeds): void;
  dropSigned(host: HostId): void;
  /** What was known when nobody had signed anything yet: the clocks of a catalog of 0.1. */
  unsignedClocks(): ReadonlyMap<MailboxName, Clock>;
  /** Forgets what was known of a host then. */
  dropUnsigned(host: HostId): void;

  /** By name, also those that were revoked. */
  pairedHosts(): PairedHost[];
  putPairedHost(host: PairedHost): void;

  /** The bundles written and not known to be superseded, by ascending number. */
  exports(): Exported[];
  /** Their numbers alone, ascending: a hundred bundles that tell of a thousand mailboxes each take half a second to read. */
  exportNumbers(): number[];
  putExport(exported: Exported): void;
  dropExport(number: number): void;
  /** The bundle written last, also when it is superseded by now; null before the first. */
  lastExport(): { readonly number: number; readonly madeAtS: number } | null;
  /** The number for the next bundle; never the same twice, also after a bundle that was never finished. */
  takeNumber(): number;
  /** The highest number ever taken; 0 before the first. */
  lastNumber(): number;

  /** Has this very file (by `imprint`) been taken in, or looked at and found to hold nothing more for us? */
  isTaken(imprint: string): boolean;
  markTaken(imprint: string, atS: number): void;
  /** Every file taken, by imprint. */
  takenImprints(): { imprint: string; atS: number }[];
  forgetTaken(): void;

  addDeparted(rows: readonly Departed[]): void;
  departed(): Departed[];
  dropDeparted(rows: readonly Departed[]): void;

  addTrash(rows: readonly Trashed[]): void;
  /** The oldest first: by the time seen to have passed and the time of day when they were expunged, mailbox and birth. */
  trash(): Trashed[];
  /** What the texts of all these messages come to, each once. */
  trashBytes(): number;
  dropTrash(rows: readonly Pick<Trashed, 'mailbox' | 'birth'>[]): void;
  /** Forgets what was expunged before that much time was seen to pass; false where there was no such message, for the price of one look at an index. */
  dropTrashBefore(seenS: number): boolean;

  /** By mailbox. */
  modseqDuties(): ModseqDuty[];
  /** Joined with what is due in that mailbox already. */
  addModseqDuty(duty: ModseqDuty): void;
  dropModseqDuty(mailbox: MailboxName): void;
  /** Of each mailbox the highest HIGHESTMODSEQ that a statement of this host, or of one that it heard of, speaks of. */
  statedModseqs(): ReadonlyMap<MailboxName, number>;
  /** Where it is higher than what was noted of the mailbox. */
  noteStatedModseqs(served: ReadonlyMap<MailboxName, number>): void;
  /** Of each host, the number of the last of its statements whose modseqs were made duties. */
  modseqsHeard(): ReadonlyMap<HostId, number>;
  noteModseqsHeard(host: HostId, number: number): void;

  log(entry: LogEntry): void;
  /** Newest last. */
  entries(limit: number): LogEntry[];

  /** What SQLite finds wrong with the file, in its own words; reads all of it. */
  integrityTroubles(): string[];

  /** Small facts that other parts keep here, such as the ids of the sticks seen. */
  note(key: string): string | null;
  setNote(key: string, value: string | null): void;
  notes(): ReadonlyMap<string, string>;

  close(): void;
}
