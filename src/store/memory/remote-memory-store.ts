import { setImmediate as nextTurn } from 'node:timers/promises';
import { Failure, isOfOneThing } from '../../failure.js';
import type { FileStamp } from '../../mail/file-change-stamp.js';
import { withSince } from '../../mail/flags.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Delivery, MailboxChange } from '../../mail/mailbox-change.js';
import { inbox, type MailboxName } from '../../mail/mailbox-name.js';
import type { ChangeOutcome, GivenName, MailStore } from '../interface/mail-store.js';
import { storeThatNamesMessages } from '../interface/store-that-names-messages.js';
import {
  createMemoryMailboxes,
  digestOf,
  type MemoryMailbox,
  type MemoryMailboxes,
  memoryUser,
  type NamingMessages,
  readMemoryText,
} from './memory-mailboxes.js';
import { stampOf } from './memory-message.js';
import { createMemorySpoolAndTrash, type SpoolAndTrash } from './memory-spool-and-trash.js';
import type { MemoryStore, MemoryStoreOptions } from './memory-store.js';

/**
 * What stands between this host and the server: each step of a command is a turn, in which the connection may be lost.
 */
export type Connection = {
  /**
   * Takes a while. Throws `io` where the connection is lost at this turn; the next one goes over another connection.
   */
  turn(doing: string): Promise<void>;
};

/** A connection that is lost at the turns, counted from 1, for which `isLost` says so. */
export function unsteadyConnection(isLost: (turn: number) => boolean): Connection {
  let turns = 0;
  return {
    async turn(doing) {
      await nextTurn();
      if (isLost(++turns)) throw new Failure('io', `${doing}: the connection to the server was lost`);
    },
  };
}

/**
 * A store in memory that is as unlike a Maildir as an IMAP server is: it is slow, gives UIDs and refs of its own
 * (`<UIDVALIDITY>.<UID>`), holds nobody off, rewrites nothing in place, has no files, and its connection may be lost in
 * the middle of whatever it does. Spool and trash are on this side of it, be they in memory or in
 * directories.
 */
export function createRemoteMemoryStore({
  firstUidValidity = 1,
  connection = unsteadyConnection(() => false),
  ...given
}: MemoryStoreOptions & { readonly connection?: Connection } = {}): MemoryStore {
  const nameOf: NamingMessages = ({ uidValidity, uid }) => `${uidValidity}.${uid}`;
  const mailboxes = createMemoryMailboxes(firstUidValidity, nameOf);
  const kept = { ...createMemorySpoolAndTrash(), ...given };
  const remote: Remote = { mailboxes, ...kept, connection };
  return {
    ...storeThatNamesMessages,
    description: 'remote memory',
    user: memoryUser(mailboxes, nameOf, { renames: true }),
    ...kept,
    ...lookingAt(remote),
    ...listingOf(remote),
    change: (name, wanted) => change(remote, name, wanted),
    clearAfterCrash: async () => undefined,
    async sync() {},
    async close() {},
  };
}

type Remote = SpoolAndTrash & {
  readonly mailboxes: MemoryMailboxes;
  readonly connection: Connection;
};

function listingOf({ mailboxes, connection }: Remote): Pick<MailStore, 'list' | 'subscribe' | 'removeMailbox'> {
  const subscriptions = new Set<MailboxName>();
  return {
    async list() {
      await connection.turn('listing the mailboxes');
      const listed = [...mailboxes.all.keys()].map((name) => ({ name, subscribed: subscriptions.has(name) }));
      return { mailboxes: listed, troubles: [] };
    },
    async subscribe(name, on) {
      await connection.turn(`subscribing to ${name}`);
      if (on) subscriptions.add(name);
      else subscriptions.delete(name);
    },
    async removeMailbox(name) {
      await connection.turn(`removing ${name}`);
      if (name === inbox) return false;
      if ((mailboxes.all.get(name)?.messages.size ?? 0) > 0) return false;
      mailboxes.remove(name);
      await connection.turn(`removing ${name}`);
      return true;
    },
  };
}

type Reading = Pick<MailStore, 'about' | 'fetchers' | 'scan' | 'digest' | 'stamps' | 'readText' | 'textFile'>;

function lookingAt({ mailboxes, connection }: Remote): Reading {
  return {
    about: async () => [],
    fetchers: async () => [],
    async scan(name, { known }) {
      await connection.turn(`reading ${name}`);
      const mailbox = mailboxes.all.get(name);
      if (mailbox === undefined) return null;
      const fingerprint = `${mailbox.id} ${mailbox.version}`;
      if (known === fingerprint) return 'unchanged';
      const messages = [...mailbox.messages.values()];
      return {
        uids: null,
        messages: messages.map(({ ref, uid, flags }) => ({ ref, uid: null, givenUid: uid, flags })),
        fingerprint,
        mailboxId: mailbox.id,
        troubles: [],
      };
    },
    async *digest(name, refs) {
      for (const ref of refs) {
        await connection.turn(`reading ${name}`);
        const message = mailboxes.message(name, ref);
        if (message !== undefined) yield digestOf(message);
      }
    },
    async stamps(name, refs) {
      await connection.turn(`looking at messages in ${name}`);
      const messages = refs.flatMap((ref) => mailboxes.message(name, ref) ?? []);
      return new Map(messages.map((message) => [message.ref, stampOf(message)]));
    },
    async readText(name, ref) {
      await connection.turn(`reading the message ${ref} in ${name}`);
      return readMemoryText(mailboxes, name, ref);
    },
    textFile: () => null,
  };
}

async function change(remote: Remote, name: MailboxName, wanted: MailboxChange): Promise<ChangeOutcome> {
  const { mailboxes, trash, connection } = remote;
  const doing = `changing ${name}`;
  await connection.turn(doing);
  const troubles: Trouble[] = [];
  const files = new Map<string, FileStamp>();
  const given = new Map<string, GivenName>();
  const existing = mailboxes.all.get(name);
  if ((existing === undefined) !== (wanted.expected === 'absent')) {
    return { outcome: 'moved', troubles, unstorable: [], stamps: files, given };
  }
  const mailbox = existing ?? mailboxes.make(name);
  for (const delivery of wanted.deliver) {
    await connection.turn(doing);
    try {
      const added = await append(remote, mailbox, delivery);
      given.set(delivery.ref, { ref: added.ref, uid: added.uid });
      files.set(added.ref, stampOf(added));
    } catch (error) {
      if (!isOfOneThing(error)) throw error;
      troubles.push({ subject: delivery.ref, failure: error });
    }
  }
  for (const { ref, flags, seen } of wanted.setFlags) {
    await connection.turn(doing);
    const message = mailbox.messages.get(ref);
    mailbox.version++;
    if (message !== undefined)
      message.flags = seen === undefined ? new Set(flags) : withSince(flags, { seen, now: message.flags });
  }
  for (const { ref, guid } of wanted.expunge) {
    await connection.turn(doing);
    const message = mailbox.messages.get(ref);
    mailbox.version++;
    if (message !== undefined) await trash.keep(guid, message.text);
    mailbox.messages.delete(ref);
  }
  await connection.turn(doing); // the answer to the last of it
  return { outcome: 'done', troubles, unstorable: [], stamps: files, given };
}

async function append({ mailboxes, spool }: Remote, mailbox: MemoryMailbox, delivery: Delivery): Promise<GivenMessage> {
  const text = await mailboxes.textOf(delivery, spool);
  mailbox.version++;
  return mailboxes.append(mailbox, { flags: new Set(delivery.flags), text, receivedS: delivery.receivedS });
}

type GivenMessage = ReturnType<MemoryMailboxes['append']>;
