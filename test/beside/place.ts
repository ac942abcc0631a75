import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DovecotAccount } from '../dovecot/dovecot.js';
import type { FlagChange, MailboxView, MailClient } from '../dovecot/mail-client.js';
import { letter, type Site } from '../end-to-end/site.js';

/** A letter somewhere, as its Message-ID says which one it is. */
export type Held = {
  readonly id: string;
  readonly mailbox: string;
  /** As letters of Maildir, sorted; keywords are left out, as mbsync does not carry them. */
  readonly flags: string;
};

/** Where people and programs do things to mail: on a host with a server, on one without, or with the provider. */
export type Place = {
  readonly name: string;
  held(): Promise<Held[]>;
  deliver(id: string, mailbox: string): Promise<void>;
  flag(which: Held, letter: string, on: boolean): Promise<void>;
  expunge(which: Held): Promise<void>;
  move(which: Held, to: string): Promise<void>;
  copy(which: Held, to: string): Promise<void>;
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

/** All that people see by IMAP; new mail comes by dovecot-lda. `seen` is told of every mailbox that is looked at. */
export function servedPlace(
  name: string,
  account: DovecotAccount,
  seen: (views: Record<string, MailboxView>) => void,
): Place {
  const within = (which: Held, work: (client: MailClient, uids: number[]) => Promise<void>): Promise<void> =>
    asClient(account, async (client) => {
      const { messages } = await client.look(which.mailbox);
      const uids = messages.filter(({ text }) => idOf(text) === which.id).map(({ uid }) => uid);
      if (uids.length > 0) await work(client, uids);
    });
  return {
    name,
    async held() {
      const views = await asClient(account, (client) => client.lookAtAll());
      seen(views);
      return heldIn(views);
    },
    deliver: (id, mailbox) => account.deliver(letterOf(id), mailbox),
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
  };
}

async function madeIn(client: MailClient, mailbox: string): Promise<void> {
  if (!(await client.mailboxes()).includes(mailbox)) await client.create(mailbox);
}

export function heldIn(views: Record<string, MailboxView>): Held[] {
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

/** A Maildir++ without a server: programs that work on its files. */
export function plainPlace(site: Site): Place {
  const needle = ({ id }: Held): string => `<${id}@`;
  return {
    name: site.name,
    async held() {
      return mailboxesOf(site).flatMap((mailbox) =>
        filesIn(site.folder(mailbox)).map((file) => ({
          id: idOf(readFileSync(file, 'latin1')),
          mailbox,
          flags: [...(/:2,([A-Za-z]*)$/.exec(file)?.[1] ?? '')].filter((each) => each in systemFlags).join(''),
        })),
      );
    },
    async deliver(id, mailbox) {
      site.deliver(letterOf(id), mailbox);
    },
    async flag(which, flag, on) {
      site.mark(needle(which), on ? { add: flag } : { remove: flag }, which.mailbox);
    },
    async expunge(which) {
      site.expunge(needle(which), which.mailbox);
    },
    async move(which, to) {
      site.move(needle(which), which.mailbox, to);
    },
    async copy(which, to) {
      site.put(letterOf(which.id), { mailbox: to, flags: which.flags });
    },
  };
}

function mailboxesOf({ maildir }: Site): string[] {
  const folders = readdirSync(maildir, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && entry.name.startsWith('.') && existsSync(join(maildir, entry.name, 'cur')),
    )
    .map(({ name }) => name.slice(1).replaceAll('.', '/'));
  return ['INBOX', ...folders];
}

export function filesIn(folder: string): string[] {
  return ['cur', 'new'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(folder, part, name)),
  );
}
