import { Failure, isOfOneThing } from '../failure.js';
import { type FileStamp, sameStamp, sameTime } from '../mail/file-change-stamp.js';
import { type Flag, withSince } from '../mail/flags.js';
import type { Trouble } from '../mail/item-trouble.js';
import type { Delivery, MailboxChange } from '../mail/mailbox-change.js';
import { inbox, type MailboxName } from '../mail/mailbox-name.js';
import { unpacked } from '../mail/packed/unpack.js';
import { isUntaken, notReadable } from '../mail/packed/unreadable-file-reasons.js';
import { bodySumOf } from '../mail/text/body-checksum.js';
import { canonicalText } from '../mail/text/canonical-text.js';
import { textIdOfCanonical } from '../mail/text/digest-without-fetcher-headers.js';
import { hasSoundHeader } from '../mail/text/is-header-sound.js';
import { areRemains, beginsWith } from '../mail/text/is-truncated-text.js';
import { type Guid, guidOfCanonical } from '../mail/text/text-guid.js';
import type { ChangeOutcome, MailStore } from './interface/mail-store.js';

/** A message of a memory store. */
export type MemoryMessage = {
  readonly ref: string;
  uid: number;
  flags: ReadonlySet<Flag>;
  readonly text: Uint8Array;
  readonly receivedS: number;
  readonly hint: string;
  /** When it was written, if not at its date. */
  readonly writtenS?: number;
};

type MemoryMailbox = {
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
  /** Puts another text in the place of a message's own: as a disk does, or at some time, in seconds since 1970, as a user. */
  overwrite(mailbox: MailboxName, ref: string, text: string, writtenS?: number): void;
  /** Deletes the mailbox with all its mail. */
  delete(mailbox: MailboxName): void;
  /** Gives all messages new UIDs, from 1, under another UIDVALIDITY. */
  resetUids(mailbox: MailboxName, uidValidity: number): void;
  messages(mailbox: MailboxName): readonly MemoryMessage[];
};

function stampOf({ text, receivedS, writtenS = receivedS }: MemoryMessage): FileStamp {
  return { sizeBytes: text.length, mtimeNs: BigInt(writtenS) * 1_000_000_000n };
}

export type MemoryStore = MailStore & { readonly user: MemoryUser };

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** The canonical text, null where there is none or it cannot be unpacked. */
async function plainText(bytes: Uint8Array | undefined): Promise<Uint8Array | null> {
  const plain = bytes === undefined ? null : await unpacked(bytes);
  return plain === null || isUntaken(plain) ? null : canonicalText(plain);
}

function isExpected({ uidValidity, uidNext }: MemoryMailbox, expected: MailboxChange['expected']): boolean {
  return (
    expected !== null && expected !== 'absent' && expected.uidValidity === uidValidity && expected.uidNext === uidNext
  );
}

/**
 * A store that lives as long as the process: the plainest implementation of `MailStore`, with UIDs of its own. `firstUidValidity`
 * goes to the first mailbox, the following get the next numbers; stores with different ones have no ref in common.
 */
export function createMemoryStore({ firstUidValidity = 1 }: { firstUidValidity?: number } = {}): MemoryStore {
  const mailboxes = new Map<MailboxName, MemoryMailbox>();
  const subscriptions = new Set<MailboxName>();
  const spool = new Map<Guid, Uint8Array>();
  const trash = new Map<Guid, Uint8Array>();
  let uidValidities = firstUidValidity;
  let names = 0;

  function make(name: MailboxName, uids?: { uidValidity: number; uidNext: number }): MemoryMailbox {
    const mailbox = {
      uidValidity: uids?.uidValidity ?? uidValidities++,
      uidNext: uids?.uidNext ?? 1,
      id: `id-${++names}`,
      version: 0,
      messages: new Map<string, MemoryMessage>(),
    };
    mailboxes.set(name, mailbox);
    return mailbox;
  }

  function get(name: MailboxName): MemoryMailbox {
    const mailbox = mailboxes.get(name);
    if (mailbox === undefined) throw new Failure('store-damaged', `there is no mailbox ${name}`);
    mailbox.version++;
    return mailbox;
  }

  function find(name: MailboxName, ref: string): MemoryMessage {
    const message = mailboxes.get(name)?.messages.get(ref);
    if (message === undefined) throw new Failure('store-damaged', `there is no message ${ref} in ${name}`);
    return message;
  }

  function textOf(delivery: Delivery): Uint8Array {
    if (delivery.text !== 'spool') return find(delivery.text.mailbox, delivery.text.ref).text;
    const text = spool.get(delivery.guid);
    if (text === undefined) throw new Failure('store-damaged', `the text of ${delivery.ref} is not in the spool`);
    return text;
  }

  function applyUids(mailbox: MemoryMailbox, change: MailboxChange, troubles: Trouble[]): void {
    for (const { ref, uid } of change.renumber) {
      const message = mailbox.messages.get(ref);
      if (message !== undefined) message.uid = uid;
    }
    for (const delivery of change.deliver) {
      const { ref, uid, flags, receivedS, hint } = delivery;
      const there = mailbox.messages.get(ref);
      if (there !== undefined) there.uid = uid;
      else {
        try {
          mailbox.messages.set(ref, { ref, uid, flags: new Set(flags), text: textOf(delivery), receivedS, hint });
        } catch (error) {
          if (!isOfOneThing(error)) throw error;
          troubles.push({ subject: ref, failure: error });
        }
      }
    }
  }

  function change(name: MailboxName, wanted: MailboxChange): ChangeOutcome {
    const existing = mailboxes.get(name);
    const { expected } = wanted;
    const moved: ChangeOutcome = { outcome: 'moved', troubles: [], unstorable: [], files: new Map() };
    if ((existing === undefined) !== (expected === 'absent')) return moved;
    if (existing !== undefined && !isExpected(existing, expected)) return moved;
    const mailbox = existing ?? make(name, wanted);
    const troubles: Trouble[] = [];
    mailbox.version++;
    applyUids(mailbox, wanted, troubles);
    mailbox.uidValidity = wanted.uidValidity;
    mailbox.uidNext = wanted.uidNext;
    for (const { ref, flags, seen } of wanted.setFlags) {
      const message = mailbox.messages.get(ref);
      if (message !== undefined)
        message.flags = seen === undefined ? new Set(flags) : withSince(flags, { seen, now: message.flags });
    }
    for (const { ref, guid } of wanted.expunge) {
      const message = mailbox.messages.get(ref);
      if (message !== undefined) trash.set(guid, message.text);
      mailbox.messages.delete(ref);
    }
    const files = new Map<string, FileStamp>();
    for (const { ref } of wanted.deliver) {
      const message = mailbox.messages.get(ref);
      if (message !== undefined) files.set(ref, stampOf(message));
    }
    return { outcome: 'done', troubles, unstorable: [], files };
  }

  const user: MemoryUser = {
    create: (name) => void (mailboxes.has(name) || make(name)),
    deliver(name, text, flags = [], receivedS = 1_000_000_000) {
      const mailbox = mailboxes.has(name) ? get(name) : make(name);
      const ref = `${firstUidValidity}.${++names}`;
      const uid = mailbox.uidNext++;
      mailbox.messages.set(ref, { ref, uid, flags: new Set(flags), text: bytesOf(text), receivedS, hint: ref });
      return ref;
    },
    setFlags: (name, ref, flags) => {
      get(name);
      find(name, ref).flags = new Set(flags);
    },
    overwrite(name, ref, text, writtenS) {
      const written = writtenS === undefined ? {} : { writtenS };
      get(name).messages.set(ref, { ...find(name, ref), text: Buffer.from(text), ...written });
    },
    expunge: (name, ref) => void get(name).messages.delete(ref),
    delete: (name) => void mailboxes.delete(name),
    resetUids(name, uidValidity) {
      const mailbox = get(name);
      mailbox.uidValidity = uidValidity;
      mailbox.uidNext = 1;
      for (const message of mailbox.messages.values()) message.uid = mailbox.uidNext++;
    },
    messages: (name) => [...(mailboxes.get(name)?.messages.values() ?? [])],
  };

  make(inbox);
  return {
    description: 'memory',
    user,
    trash: {
      guids: async () => new Set(trash.keys()),
      beginning: async (guid, bytesMax) => (await plainText(trash.get(guid)))?.subarray(0, bytesMax) ?? null,
      async spool(guid) {
        const text = await plainText(trash.get(guid));
        if (text === null || guidOfCanonical(text) !== guid) {
          throw new Failure('store-damaged', `the text ${guid} is not in the trash`);
        }
        spool.set(guid, text);
        return { ...textIdOfCanonical(text), sizeBytes: text.length, body: bodySumOf(text) };
      },
      async drop(keep) {
        for (const guid of trash.keys()) if (!keep.has(guid)) trash.delete(guid);
      },
      setAside: async () => new Set(), // what it replaces is gone
      dropSetAside: async () => undefined,
    },
    async list() {
      const listed = [...mailboxes.keys()].map((name) => ({ name, subscribed: subscriptions.has(name) }));
      return { mailboxes: listed, troubles: [] };
    },
    fetchers: async () => [],
    async scan(name, { known }) {
      const mailbox = mailboxes.get(name);
      if (mailbox === undefined) return null;
      const fingerprint = `${mailbox.id} ${mailbox.version}`;
      if (known === fingerprint) return 'unchanged';
      return {
        uids: { uidValidity: mailbox.uidValidity, uidNext: mailbox.uidNext },
        messages: [...mailbox.messages.values()]
          .sort((a, b) => a.uid - b.uid)
          .map(({ ref, uid, flags }) => ({ ref, uid, flags })),
        fingerprint,
        mailboxId: mailbox.id,
        troubles: [],
      };
    },
    async *digest(name, refs) {
      for (const ref of refs) {
        const message = mailboxes.get(name)?.messages.get(ref);
        if (message === undefined) continue;
        const plain = await unpacked(message.text);
        if (isUntaken(plain)) {
          yield { ref, untaken: plain };
          continue;
        }
        const text = canonicalText(plain);
        const { receivedS, hint } = message;
        const file = stampOf(message);
        yield {
          ref,
          ...textIdOfCanonical(text),
          ...(plain === message.text ? {} : { packedGuid: guidOfCanonical(canonicalText(message.text)) }),
          sizeBytes: text.length,
          body: bodySumOf(text),
          receivedS,
          hint,
          file,
        };
      }
    },
    async stamps(name, refs) {
      const messages = refs.flatMap((ref) => mailboxes.get(name)?.messages.get(ref) ?? []);
      return new Map(messages.map((message) => [message.ref, stampOf(message)]));
    },
    async readText(name, ref) {
      const plain = await unpacked(find(name, ref).text);
      if (isUntaken(plain)) throw notReadable(`reading the message ${ref} in ${name}`, plain);
      return canonicalText(plain);
    },
    textFile: () => null,
    async spool(guid, text) {
      spool.set(guid, Uint8Array.from(text));
    },
    spooled: async () => [...spool.values()].map((text) => ({ ...textIdOfCanonical(text), sizeBytes: text.length })),
    async dropSpool(keep) {
      for (const guid of spool.keys()) if (!keep.has(guid)) spool.delete(guid);
    },
    chooseRef(hint, taken) {
      let ref = hint;
      for (let n = 2; taken.has(ref); n++) ref = `${hint}-${n}`;
      return ref;
    },
    hold: async () => () => undefined,
    change: async (name, wanted) => change(name, wanted),
    async replaceText(name, { ref, guid, text, file }) {
      const message = mailboxes.get(name)?.messages.get(ref);
      if (message === undefined) return 'gone';
      const source = await plainText(
        text === 'spool' ? spool.get(guid) : mailboxes.get(text.mailbox)?.messages.get(text.ref)?.text,
      );
      if (source === null || guidOfCanonical(source) !== guid) return 'no-text';
      const found = await plainText(message.text);
      const isDated = found !== null && file !== null && !sameTime(file, stampOf(message));
      if (isDated && hasSoundHeader(found) && !areRemains(found, (part) => beginsWith(source, part))) {
        return 'written-anew';
      }
      const { writtenS: _, ...asBefore } = message;
      get(name).messages.set(ref, { ...asBefore, text: source });
      return 'done';
    },
    async nameApart(name, ref) {
      const message = mailboxes.get(name)?.messages.get(ref);
      return message === undefined ? null : { as: `${firstUidValidity}.${++names}`, file: stampOf(message) };
    },
    async setApart(name, { ref, as, file, receivedS }) {
      const message = mailboxes.get(name)?.messages.get(ref);
      if (message === undefined || !sameStamp(stampOf(message), file)) return false;
      const mailbox = get(name);
      const { writtenS: _, ...asBefore } = message;
      mailbox.messages.delete(ref);
      mailbox.messages.set(as, { ...asBefore, ref: as, hint: as, uid: mailbox.uidNext++, receivedS });
      return true;
    },
    async removeMailbox(name) {
      if (name === inbox || (mailboxes.get(name)?.messages.size ?? 0) > 0)
        return name !== inbox && !mailboxes.has(name);
      mailboxes.delete(name);
      return true;
    },
    async subscribe(name, on) {
      if (on) subscriptions.add(name);
      else subscriptions.delete(name);
    },
    inspect: async () => [],
    clearAfterCrash: async () => undefined,
    async sync() {},
    server: async () => ({ server: null, problem: null }),
    async close() {},
  };
}
