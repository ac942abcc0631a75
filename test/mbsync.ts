import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot, DovecotAccount } from './dovecot/dovecot.js';
import type { MailUser } from './dovecot/mail-user.js';

/** A program that fetches an account of a provider into a Maildir, and brings back what happened there: the real one. */
export type Fetcher = {
  /** Synchronises all mailboxes, and fails where mbsync says that anything is wrong. */
  fetch(): Promise<void>;
};

/** Where mbsync brings mail, and as whom it runs; left out, as whoever runs this. Its state lies in the home, as it does of itself. */
export type FetchedInto = { readonly home: string; readonly maildir: string; readonly user?: MailUser };

export type FetchedFrom = {
  readonly server: Dovecot;
  readonly account: DovecotAccount;
  /** Left out, all mailboxes. */
  readonly patterns?: readonly string[];
  /** Where it keeps its own numbers of messages: left out, in the names of files, as it does of itself. */
  readonly numbersIn?: 'database';
};

/** mbsync with its usual settings: everything is made, expunged and passed on, both ways. */
export function makeMbsync({ home, maildir, user }: FetchedInto, from: FetchedFrom): Fetcher {
  const file = join(home, '.mbsyncrc');
  const state = join(home, '.mbsync');
  mkdirSync(state, { recursive: true });
  writeFileSync(
    file,
    `IMAPStore far
Host 127.0.0.1
Port ${from.server.port}
SSLType None
AuthMechs LOGIN
User ${from.account.name}
Pass any

MaildirStore near
SubFolders Maildir++
AltMap ${from.numbersIn === 'database' ? 'yes' : 'no'}
Inbox ${maildir}

Channel all
Far :far:
Near :near:
Patterns ${(from.patterns ?? ['*']).join(' ')}
Create Both
Remove Both
Expunge Both
SyncState ${state}/
`,
  );
  user?.own(home);
  const mbsync = ['mbsync', '--quiet', '--config', file, '--all'];
  const [program = '', ...args] = user?.command(mbsync) ?? mbsync;
  return {
    async fetch() {
      const child = spawn(program, args, {
        env: { ...process.env, HOME: home },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (piece) => {
        said += String(piece);
      });
      const [status] = await once(child, 'close');
      if (status !== 0) throw new Error(`mbsync ended with ${status}: ${said}`);
    },
  };
}
