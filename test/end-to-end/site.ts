import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, makeHost } from '../host.js';

/** A host with a Maildir that no server looks after, and somebody who changes things in it as mail programs do. */
export type Site = Host & {
  readonly maildir: string;
  readonly layout: 'maildir++' | 'fs';
  /** Where a mailbox lies; `/` separates the parts of its name. */
  folder(mailbox: string): string;
  create(mailbox: string): void;
  /** As a delivery agent: into `new/`. */
  deliver(text: string, mailbox?: string): void;
  /** As a mail program: into `cur/`, with flags as letters and a date. */
  put(text: string, options?: PutOptions): void;
  /** The following find the one message whose text has `needle`, and fail where there is none or more than one. */
  mark(needle: string, change: { readonly add?: string; readonly remove?: string }, mailbox?: string): void;
  expunge(needle: string, mailbox?: string): void;
  move(needle: string, from: string, to: string): void;
  /** How many messages have `needle` in their text. */
  count(needle: string, mailbox?: string): number;
  /** All of them that have, as paths. */
  files(needle: string, mailbox?: string): string[];
};

export type PutOptions = {
  readonly mailbox?: string;
  readonly flags?: string;
  readonly receivedS?: number;
  readonly base?: string;
};

export type SiteOptions = {
  /** Folders as directories within directories instead of Maildir++. */
  readonly layout?: 'fs';
  /** Another program than the checkout's, such as one that runs it as somebody else. */
  readonly program?: readonly string[];
  /** Its clock; left out, the true one. */
  readonly nowMs?: () => number;
  /** The width of a terminal that shows what it prints; left out, there is none. */
  readonly columns?: number;
  /** With a UID list, as Dovecot leaves one; mrepl then keeps it. Without, the catalog has the UIDs. */
  readonly uidList?: boolean;
  readonly uidValidity?: number;
};

/** A directory for one test, removed when it ends. */
export function scratch(t: { after(clean: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const parts = ['cur', 'new', 'tmp'] as const;

export function makeSite(directory: string, name: string, options: SiteOptions = {}): Site {
  const home = join(directory, name);
  const maildir = join(home, 'Maildir');
  const { layout, program, nowMs, columns } = options;
  const store = `maildir:${maildir}${layout === 'fs' ? ':LAYOUT=fs' : ''}`;
  const host = makeHost({
    name,
    home,
    store,
    ...(program === undefined ? {} : { program }),
    ...(nowMs === undefined ? {} : { nowMs }),
    ...(columns === undefined ? {} : { columns }),
  });
  const folder = (mailbox: string): string => {
    if (mailbox === 'INBOX') return maildir;
    return join(maildir, layout === 'fs' ? mailbox : `.${mailbox.replaceAll('/', '.')}`);
  };
  const create = (mailbox: string): void => {
    for (const part of parts) mkdirSync(join(folder(mailbox), part), { recursive: true });
  };
  create('INBOX');
  if (options.uidList === true) {
    const guid = Buffer.from(name.padEnd(16, '.')).toString('hex').slice(0, 32);
    writeFileSync(join(maildir, 'dovecot-uidlist'), `3 V${options.uidValidity ?? 1700000000} N1 G${guid}\n`);
  }
  let count = 0;
  const put = (
    text: string,
    where: 'cur' | 'new',
    { mailbox = 'INBOX', flags = '', receivedS = dateOf(text), base }: PutOptions,
  ): void => {
    create(mailbox);
    count++;
    const unique = base ?? `${receivedS}.M${count}P${process.pid}.${name}`;
    const spooled = join(folder(mailbox), 'tmp', unique);
    writeFileSync(spooled, text);
    utimesSync(spooled, receivedS, receivedS);
    renameSync(spooled, join(folder(mailbox), where, where === 'new' ? unique : `${unique}:2,${flags}`));
  };
  const files = (needle: string, mailbox = 'INBOX'): string[] =>
    parts
      .filter((part) => part !== 'tmp')
      .flatMap((part) => listing(join(folder(mailbox), part)))
      .filter((file) => readFileSync(file, 'latin1').includes(needle));
  const only = (needle: string, mailbox?: string): string => {
    const [file, ...more] = files(needle, mailbox);
    if (file !== undefined && more.length === 0) return file;
    throw new Error(
      `${name}, ${mailbox ?? 'INBOX'}: ${more.length + (file ? 1 : 0)} messages with "${needle}", not one`,
    );
  };
  return {
    ...host,
    maildir,
    layout: layout ?? 'maildir++',
    folder,
    create,
    files,
    deliver: (text, mailbox = 'INBOX') => put(text, 'new', { mailbox }),
    put: (text, how = {}) => put(text, 'cur', how),
    mark(needle, { add = '', remove = '' }, mailbox) {
      const file = only(needle, mailbox);
      const [base = '', letters = ''] = file.replace('/new/', '/cur/').split(':2,');
      const flags = new Set([...letters, ...add].filter((letter) => !remove.includes(letter)));
      renameSync(file, `${base}:2,${[...flags].sort().join('')}`);
    },
    expunge: (needle, mailbox) => unlinkSync(only(needle, mailbox)),
    move(needle, from, to) {
      create(to);
      const file = only(needle, from);
      renameSync(file, file.replace(folder(from), folder(to)));
    },
    count: (needle, mailbox) => files(needle, mailbox).length,
  };
}

function listing(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(directory, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  } catch {
    return []; // no such mailbox
  }
}

/** A made-up date of arrival: the same for the same text, as if it had come to all hosts at once. */
function dateOf(text: string): number {
  const hash = createHash('sha256').update(text).digest();
  return 1500000000 + (hash.readUInt32BE(0) % 100_000_000);
}

/** A small message of its own. */
export function letter(subject: string, body = 'Nothing much.'): string {
  const id = subject.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `From: Test <test@example.org>\nTo: alice@example.org\nSubject: ${subject}\nMessage-ID: <${id}@example.org>\n\n${body}\n`;
}
