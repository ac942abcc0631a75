import { Failure } from '../../failure.js';
import type { Flag } from '../../mail/flags.js';
import type { Delivery } from '../../mail/mailbox-change.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { Digest, UntakenMessage } from '../../mail/mailbox-scan.js';
import { unpacked } from '../../mail/packed/unpack.js';
import { isUntaken, notReadable } from '../../mail/packed/unreadable-file-reasons.js';
import { bodySumOf } from '../../mail/text/body-checksum.js';
import { canonicalText } from '../../mail/text/canonical-text.js';
import { textIdOfCanonical } from '../../mail/text/digest-without-fetcher-headers.js';
import { guidOfCanonical } from '../../mail/text/text-guid.js';
import type { Spool } from '../interface/spool.js';
import { type MemoryMessage, stampOf } from './memory-message.js';

/** A mailbox of a store in memory. `version` rises with whatever is done to it. */
export type MemoryMailbox = {
  uidValidity: number;
  uidNext: number;
  readonly id: string;
  version: number;
  messages: Map<string, MemoryMessage>;
};

/** What the user of a memory store does to it, as another mail program would. */
export type MemoryUser = {
  create(mailbox: MailboxName): void;
  /** Gives the ref of the new message. */
  deliver(mailbox: MailboxName, text: string | Uint8Array, flags?: Iterable<Flag>, receivedS?: number): string;
  setFlags(mailbox: MailboxName, ref: string, flags: Iterable<Flag>): void;
  expunge(mailbox: MailboxName, ref: string): void;
  /**
   * Puts another text in the place of a message's own: as a disk does, or at some time, in seconds since 1970, as a
   * user.
   */
  overwrite(mailbox: MailboxName, ref: string, text: string, writtenS?: number): void;
  /** Deletes the mailbox with all its mail. */
  delete(mailbox: MailboxName): void;
  /** Gives all messages new UIDs, from 1, under another UIDVALIDITY. */
  resetUids(mailbox: MailboxName, uidValidity: number): void;
  messages(mailbox: MailboxName): readonly MemoryMessage[];
};

/** The mailboxes of a store in memory, the inbox among them from the beginning. */
export type MemoryMailboxes = {
  readonly all: ReadonlyMap<MailboxName, MemoryMailbox>;
  /** A number that was not given before. */
  nextNumber(): number;
  make(name: MailboxName, uids?: { readonly uidValidity: number; readonly uidNext: number }): MemoryMailbox;
  remove(name: MailboxName): void;
  /** The mailbox, to be changed; throws `store-damaged` where there is none. */
  change(name: MailboxName): MemoryMailbox;
  message(name: MailboxName, ref: string): MemoryMessage | undefined;
  /** The text that a delivery names, as it lies there; throws `store-damaged` where it is not there. */
  textOf(delivery: Delivery, spool: Pick<Spool, 'read'>): Promise<Uint8Array>;
  /** Adds a message at the end of a mailbox, under the ref that such a store gives. */
  append(mailbox: MemoryMailbox, message: Pick<MemoryMessage, 'flags' | 'text' | 'receivedS'>): MemoryMessage;
};

/** How a store in memory names the messages that come to it. */
export type NamingMessages = (uids: { readonly uidValidity: number; readonly uid: number }, number: number) => string;

/** `firstUidValidity` goes to the inbox; mailboxes made later for which nobody names one get the next numbers. */
export function createMemoryMailboxes(firstUidValidity: number, nameOf: NamingMessages): MemoryMailboxes {
  const all = new Map<MailboxName, MemoryMailbox>();
  let uidValidities = firstUidValidity;
  let numbers = 0;
  const mailboxes: MemoryMailboxes = {
    all,
    nextNumber: () => ++numbers,
    make(name, uids) {
      const mailbox = {
        uidValidity: uids?.uidValidity ?? uidValidities++,
        uidNext: uids?.uidNext ?? 1,
        id: `id-${++numbers}`,
        version: 0,
        messages: new Map<string, MemoryMessage>(),
      };
      all.set(name, mailbox);
      return mailbox;
    },
    remove: (name) => void all.delete(name),
    change(name) {
      const mailbox = all.get(name);
      if (mailbox === undefined) throw new Failure('store-damaged', `there is no mailbox ${name}`);
      mailbox.version++;
      return mailbox;
    },
    message: (name, ref) => all.get(name)?.messages.get(ref),
    async textOf({ ref, guid, text: from }, spool) {
      const text = from === 'spool' ? await spool.read(guid) : mailboxes.message(from.mailbox, from.ref)?.text;
      const place = from === 'spool' ? 'the spool' : `${from.mailbox} as ${from.ref}`;
      if (text === undefined || text === null)
        throw new Failure('store-damaged', `the text of ${ref} is not in ${place}`);
      return text;
    },
    append(mailbox, message) {
      const uid = mailbox.uidNext++;
      const ref = nameOf({ uidValidity: mailbox.uidValidity, uid }, ++numbers);
      const added = { ...message, ref, uid, hint: ref };
      mailbox.messages.set(ref, added);
      return added;
    },
  };
  mailboxes.make(inbox);
  return mailboxes;
}

/** Somebody else who uses the same mail. `renames`: a message has another ref under another UID. */
export function memoryUser(
  mailboxes: MemoryMailboxes,
  nameOf: NamingMessages,
  { renames }: { readonly renames: boolean },
): MemoryUser {
  const found = (name: MailboxName, ref: string): MemoryMessage => {
    const message = mailboxes.message(name, ref);
    if (message === undefined) throw new Failure('store-damaged', `there is no message ${ref} in ${name}`);
    return message;
  };
  return {
    create: (name) => void (mailboxes.all.has(name) || mailboxes.make(name)),
    deliver(name, text, flags = [], receivedS = 1_000_000_000) {
      const mailbox = mailboxes.all.has(name) ? mailboxes.change(name) : mailboxes.make(name);
      const bytes = typeof text === 'string' ? Buffer.from(text) : text;
      return mailboxes.append(mailbox, { flags: new Set(flags), text: bytes, receivedS }).ref;
    },
    setFlags(name, ref, flags) {
      mailboxes.change(name);
      found(name, ref).flags = new Set(flags);
    },
    overwrite(name, ref, text, writtenS) {
      const written = writtenS === undefined ? {} : { writtenS };
      mailboxes.change(name).messages.set(ref, { ...found(name, ref), text: Buffer.from(text), ...written });
    },
    expunge: (name, ref) => void mailboxes.change(name).messages.delete(ref),
    delete: (name) => mailboxes.remove(name),
    resetUids(name, uidValidity) {
      const mailbox = mailboxes.change(name);
      mailbox.uidValidity = uidValidity;
      mailbox.uidNext = 1;
      const before = [...mailbox.messages.values()];
      mailbox.messages.clear();
      for (const message of before) {
        const uid = mailbox.uidNext++;
        const ref = renames ? nameOf({ uidValidity, uid }, mailboxes.nextNumber()) : message.ref;
        mailbox.messages.set(ref, { ...message, ref, uid });
      }
    },
    messages: (name) => [...(mailboxes.all.get(name)?.messages.values() ?? [])],
  };
}

/** What one message turns out to be. */
export async function digestOf(message: MemoryMessage): Promise<Digest | UntakenMessage> {
  const { ref, receivedS, hint } = message;
  const plain = await unpacked(message.text);
  if (isUntaken(plain)) return { ref, untaken: plain };
  const text = canonicalText(plain);
  return {
    ref,
    ...textIdOfCanonical(text),
    ...(plain === message.text ? {} : { packedGuid: guidOfCanonical(canonicalText(message.text)) }),
    sizeBytes: text.length,
    body: bodySumOf(text),
    receivedS,
    hint,
    file: stampOf(message),
  };
}

/**
 * The canonical text of a message; throws `store-damaged` where it is not there, `not-taken` where it cannot be
 * unpacked.
 */
export async function readMemoryText(mailboxes: MemoryMailboxes, name: MailboxName, ref: string): Promise<Uint8Array> {
  const message = mailboxes.message(name, ref);
  if (message === undefined) throw new Failure('store-damaged', `there is no message ${ref} in ${name}`);
  const plain = await unpacked(message.text);
  if (isUntaken(plain)) throw notReadable(`reading the message ${ref} in ${name}`, plain);
  return canonicalText(plain);
}
