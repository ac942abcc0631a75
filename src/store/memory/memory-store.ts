import { isOfOneThing } from '../../failure.js';
import { type FileStamp, sameStamp, sameTime } from '../../mail/file-change-stamp.js';
import { withSince } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { MailboxChange } from '../../mail/mailbox-change.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import { hasSoundHeader } from '../../mail/text/is-header-sound.js';
import { areRemains, beginsWith } from '../../mail/text/is-truncated-text.js';
import { guidOfCanonical } from '../../mail/text/text-guid.js';
import type { Apart, ChangeOutcome, MailStore, Replacement } from '../interface/mail-store.js';
import {
  createMemoryMailboxes,
  digestOf,
  type MemoryMailbox,
  type MemoryMailboxes,
  type MemoryUser,
  memoryUser,
  type NamingMessages,
  readMemoryText,
} from './memory-mailboxes.js';
import { plainText, stampOf } from './memory-message.js';
import { createMemorySpoolAndTrash, type SpoolAndTrash } from './memory-spool-and-trash.js';

/** A store in memory, somebody else who uses the same mail, and what it was given to deliver from and expunge into. */
export type MemoryStore = MailStore & SpoolAndTrash & { readonly user: MemoryUser };

/** `firstUidValidity` goes to the first mailbox, the following get the next numbers. */
export type MemoryStoreOptions = Partial<SpoolAndTrash> & { readonly firstUidValidity?: number };

/**
 * A store that lives as long as the process: the plainest implementation of `MailStore`, which is told UIDs and refs.
 * Stores with a different `firstUidValidity` have no ref in common.
 */
export function createMemoryStore({ firstUidValidity = 1, ...given }: MemoryStoreOptions = {}): MemoryStore {
  const nameOf: NamingMessages = (_uids, number) => `${firstUidValidity}.${number}`;
  const mailboxes = createMemoryMailboxes(firstUidValidity, nameOf);
  const kept = { ...createMemorySpoolAndTrash(), ...given };
  const nextRef = (): string => nameOf({ uidValidity: 0, uid: 0 }, mailboxes.nextNumber());
  return {
    description: 'memory',
    capabilities: {
      uids: 'chosen',
      refs: 'chosen',
      holdsOthersOff: false,
      rewritesInPlace: true,
      keywordRoom: null,
      directories: [],
    },
    user: memoryUser(mailboxes, nameOf, { renames: false }),
    ...kept,
    ...lookingAt(mailboxes),
    ...listingOf(mailboxes),
    chooseRef(hint, taken) {
      let ref = hint;
      for (let n = 2; taken.has(ref); n++) ref = `${hint}-${n}`;
      return ref;
    },
    stemOf: (ref) => ref,
    hold: async () => () => undefined,
    change: (name, wanted) => change(mailboxes, kept, { name, wanted }),
    replaceText: (name, message) => replaceText(mailboxes, kept, { name, message }),
    async nameApart(name, ref) {
      const message = mailboxes.message(name, ref);
      return message === undefined ? null : { as: nextRef(), file: stampOf(message) };
    },
    setApart: async (name, message) => setApart(mailboxes, name, message),
    inspect: async () => [],
    clearAfterCrash: async () => undefined,
    async sync() {},
    server: async () => ({ server: null, problem: null }),
    async close() {},
  };
}

/** Mailboxes and subscriptions, made and removed. */
function listingOf(mailboxes: MemoryMailboxes): Pick<MailStore, 'list' | 'subscribe' | 'removeMailbox'> {
  const subscriptions = new Set<MailboxName>();
  return {
    async list() {
      const listed = [...mailboxes.all.keys()].map((name) => ({ name, subscribed: subscriptions.has(name) }));
      return { mailboxes: listed, troubles: [] };
    },
    async subscribe(name, on) {
      if (on) subscriptions.add(name);
      else subscriptions.delete(name);
    },
    async removeMailbox(name) {
      if (name === inbox || (mailboxes.all.get(name)?.messages.size ?? 0) > 0)
        return name !== inbox && !mailboxes.all.has(name);
      mailboxes.remove(name);
      return true;
    },
  };
}

type Reading = Pick<MailStore, 'about' | 'fetchers' | 'scan' | 'digest' | 'stamps' | 'readText' | 'textFile'>;

function lookingAt(mailboxes: MemoryMailboxes): Reading {
  return {
    about: async () => [],
    fetchers: async () => [],
    async scan(name, { known }) {
      const mailbox = mailboxes.all.get(name);
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
        const message = mailboxes.message(name, ref);
        if (message !== undefined) yield digestOf(message);
      }
    },
    async stamps(name, refs) {
      const messages = refs.flatMap((ref) => mailboxes.message(name, ref) ?? []);
      return new Map(messages.map((message) => [message.ref, stampOf(message)]));
    },
    readText: (name, ref) => readMemoryText(mailboxes, name, ref),
    textFile: () => null,
  };
}

function isExpected({ uidValidity, uidNext }: MemoryMailbox, expected: MailboxChange['expected']): boolean {
  return (
    expected !== null && expected !== 'absent' && expected.uidValidity === uidValidity && expected.uidNext === uidNext
  );
}

async function change(
  mailboxes: MemoryMailboxes,
  { spool, trash }: SpoolAndTrash,
  { name, wanted }: { readonly name: MailboxName; readonly wanted: MailboxChange },
): Promise<ChangeOutcome> {
  const given = new Map();
  const existing = mailboxes.all.get(name);
  const { expected } = wanted;
  const moved: ChangeOutcome = { outcome: 'moved', troubles: [], unstorable: [], stamps: new Map(), given };
  if ((existing === undefined) !== (expected === 'absent')) return moved;
  if (existing !== undefined && !isExpected(existing, expected)) return moved;
  const mailbox = existing ?? mailboxes.make(name, wanted);
  mailbox.version++;
  const troubles = await applyUids(mailboxes, mailbox, { wanted, spool });
  mailbox.uidValidity = wanted.uidValidity;
  mailbox.uidNext = wanted.uidNext;
  for (const { ref, flags, seen } of wanted.setFlags) {
    const message = mailbox.messages.get(ref);
    if (message !== undefined)
      message.flags = seen === undefined ? new Set(flags) : withSince(flags, { seen, now: message.flags });
  }
  for (const { ref, guid } of wanted.expunge) {
    const message = mailbox.messages.get(ref);
    if (message !== undefined) await trash.keep(guid, message.text);
    mailbox.messages.delete(ref);
  }
  const files = new Map<string, FileStamp>();
  for (const { ref } of wanted.deliver) {
    const message = mailbox.messages.get(ref);
    if (message !== undefined) files.set(ref, stampOf(message));
  }
  return { outcome: 'done', troubles, unstorable: [], stamps: files, given };
}

/** Delivers and renumbers. Answers the deliveries that there is no text for. */
async function applyUids(
  mailboxes: MemoryMailboxes,
  mailbox: MemoryMailbox,
  { wanted, spool }: { readonly wanted: MailboxChange } & Pick<SpoolAndTrash, 'spool'>,
): Promise<Trouble[]> {
  const troubles: Trouble[] = [];
  for (const { ref, uid } of wanted.renumber) {
    const message = mailbox.messages.get(ref);
    if (message !== undefined) message.uid = uid;
  }
  for (const delivery of wanted.deliver) {
    const { ref, uid, flags, receivedS, hint } = delivery;
    const there = mailbox.messages.get(ref);
    if (there !== undefined) {
      there.uid = uid;
      continue;
    }
    try {
      const text = await mailboxes.textOf(delivery, spool);
      mailbox.messages.set(ref, { ref, uid, flags: new Set(flags), text, receivedS, hint });
    } catch (error) {
      if (!isOfOneThing(error)) throw error;
      troubles.push({ subject: ref, failure: error });
    }
  }
  return troubles;
}

async function replaceText(
  mailboxes: MemoryMailboxes,
  { spool }: Pick<SpoolAndTrash, 'spool'>,
  { name, message: { ref, guid, text, file } }: { readonly name: MailboxName; readonly message: Replacement },
): ReturnType<MailStore['replaceText']> {
  const message = mailboxes.message(name, ref);
  if (message === undefined) return 'gone';
  const source = await plainText(
    text === 'spool' ? await spool.read(guid) : mailboxes.message(text.mailbox, text.ref)?.text,
  );
  if (source === null || guidOfCanonical(source) !== guid) return 'no-text';
  const found = await plainText(message.text);
  const isDated = found !== null && file !== null && !sameTime(file, stampOf(message));
  if (isDated && hasSoundHeader(found) && !areRemains(found, (part) => beginsWith(source, part))) {
    return 'written-anew';
  }
  const { writtenS: _, ...asBefore } = message;
  mailboxes.change(name).messages.set(ref, { ...asBefore, text: source });
  return 'done';
}

function setApart(mailboxes: MemoryMailboxes, name: MailboxName, { ref, as, file, receivedS }: Apart): boolean {
  const message = mailboxes.message(name, ref);
  if (message === undefined || !sameStamp(stampOf(message), file)) return false;
  const mailbox = mailboxes.change(name);
  const { writtenS: _, ...asBefore } = message;
  mailbox.messages.delete(ref);
  mailbox.messages.set(as, { ...asBefore, ref: as, hint: as, uid: mailbox.uidNext++, receivedS });
  return true;
}
