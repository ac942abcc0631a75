import type { DovecotAccount } from '../dovecot/dovecot.js';
import type { FlagChange, MailboxView, MailClient } from '../dovecot/mail-client.js';
import { letter } from '../end-to-end/site.js';

/** A letter somewhere, as its Message-ID says which one it is. */
export type Held = {
  readonly id: string;
  readonly mailbox: string;
  /** As letters of Maildir, sorted; keywords are left out, as mbsync does not carry them. */
  readonly flags: string;
};

/** What is in a place. */
export type Look = {
  readonly held: readonly Held[];
  /** Sorted, the empty ones, too. */
  readonly mailboxes: readonly string[];
  /** What a server shows, by mailbox; of a place without one, nothing. */
  readonly served: Readonly<Record<string, MailboxView>>;
};

/** Where people and programs do things to mail: on a host with a server, on one without, or with the provider. */
export type Place = {
  readonly name: string;
  look(): Promise<Look>;
  /** The ones of these mailboxes that the letter is in. */
  whereIs(id: string, mailboxes: readonly string[]): Promise<string[]>;
  /** Answers by which program. The mailbox is made where it is missing. */
  deliver(id: string, mailbox: string): Promise<string>;
  /** The following do nothing to a letter that is not there any more. */
  flag(which: Held, letter: string, on: boolean): Promise<void>;
  expunge(which: Held): Promise<void>;
  move(which: Held, to: string): Promise<void>;
  copy(which: Held, to: string): Promise<void>;
  create(mailbox: string): Promise<void>;
  /** With all mailboxes below it. */
  rename(from: string, to: string): Promise<void>;
  /** With its mail, but without the mailboxes below it. */
  remove(mailbox: string): Promise<void>;
};

export const systemFlags: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  R: '\\Answered',
  S: '\\Seen',
};

/** Long enough that a server which packs mail packs it. */
export function letterOf(id: string): string {
  return letter(id, `Text of ${id}.\n`.repeat(20));
}

/** Which letter a text is, whoever has stamped or served it. */
export function idOf(text: string): string {
  const id = /^Message-ID: <([^@>]+)@/m.exec(text)?.[1];
  if (id === undefined) throw new Error(`a text without Message-ID: ${text.slice(0, 200)}`);
  return id;
}

/** A client that logs in, does its work, and is gone. */
export async function asClient<T>(account: DovecotAccount, work: (client: MailClient) => Promise<T>): Promise<T> {
  const client = await account.client();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

/** All that people see by IMAP; new mail comes by dovecot-lda and LMTP in turn. `seen` is told of every mailbox that is looked at. */
export function servedPlace(
  name: string,
  account: DovecotAccount,
  seen: (views: Record<string, MailboxView>) => void,
): Place {
  let deliveries = 0;
  const within = (which: Held, work: (client: MailClient, uids: number[]) => Promise<void>): Promise<void> =>
    asClient(account, async (client) => {
      const { messages } = await client.look(which.mailbox);
      const uids = messages.filter(({ text }) => idOf(text) === which.id).map(({ uid }) => uid);
      if (uids.length > 0) await work(client, uids);
    });
  return {
    name,
    async look() {
      const served = await asClient(account, (client) => client.lookAtAll());
      seen(served);
      return { held: heldIn(served), mailboxes: Object.keys(served).sort(), served };
    },
    whereIs: (id, mailboxes) =>
      asClient(account, async (client) => {
        const there = await client.mailboxes();
        const found: string[] = [];
        for (const mailbox of mailboxes.filter((each) => there.includes(each))) {
          const { messages } = await client.look(mailbox);
          found.push(...messages.filter(({ text }) => idOf(text) === id).map(() => mailbox));
        }
        return found;
      }),
    async deliver(id, mailbox) {
      if (deliveries++ % 2 === 0) {
        await account.deliver(letterOf(id), mailbox);
        return 'dovecot-lda';
      }
      await account.deliverByLmtp(letterOf(id), mailbox);
      return 'LMTP';
    },
    flag: (which, flag, on) =>
      within(which, (client, uids) => {
        const change: FlagChange = { [on ? 'add' : 'remove']: [systemFlags[flag] ?? flag] };
        return client.flag(which.mailbox, uids, change);
      }),
    expunge: (which) => within(which, (client, uids) => client.expunge(which.mailbox, uids)),
    move: (which, to) =>
      within(which, async (client, uids) => {
        await madeIn(client, to);
        await client.move(which.mailbox, uids, to);
      }),
    copy: (which, to) =>
      within(which, async (client, uids) => {
        await madeIn(client, to);
        await client.copy(which.mailbox, uids, to);
      }),
    create: (mailbox) => asClient(account, (client) => client.create(mailbox)),
    rename: (from, to) => asClient(account, (client) => client.rename(from, to)),
    remove: (mailbox) => asClient(account, (client) => client.remove(mailbox)),
  };
}

async function madeIn(client: MailClient, mailbox: string): Promise<void> {
  if (!(await client.mailboxes()).includes(mailbox)) await client.create(mailbox);
}

function heldIn(views: Record<string, MailboxView>): Held[] {
  return Object.entries(views).flatMap(([mailbox, { messages }]) =>
    messages.map(({ text, flags }) => ({ id: idOf(text), mailbox, flags: lettersOf(flags) })),
  );
}

function lettersOf(flags: readonly string[]): string {
  return Object.entries(systemFlags)
    .filter(([, flag]) => flags.includes(flag))
    .map(([letter]) => letter)
    .join('');
}
