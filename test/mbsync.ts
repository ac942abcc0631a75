import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dovecot, DovecotAccount } from './dovecot/dovecot.js';

/** A program that fetches an account of a provider into a Maildir, and brings back what happened there: the real one. */
export type Fetcher = {
  /** Synchronises all mailboxes, and fails where mbsync says that anything is wrong. */
  fetch(): Promise<void>;
};

/** mbsync with its usual settings: everything is made, expunged and passed on, both ways. Its state lies in the home, as it does of itself. */
export function makeMbsync(
  { home, maildir }: { readonly home: string; readonly maildir: string },
  provider: { readonly server: Dovecot; readonly account: DovecotAccount },
): Fetcher {
  const file = join(home, '.mbsyncrc');
  const state = join(home, '.mbsync');
  mkdirSync(state, { recursive: true });
  writeFileSync(
    file,
    `IMAPStore far
Host 127.0.0.1
Port ${provider.server.port}
SSLType None
AuthMechs LOGIN
User ${provider.account.name}
Pass any

MaildirStore near
SubFolders Maildir++
Inbox ${maildir}

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState ${state}/
`,
  );
  return {
    async fetch() {
      const child = spawn('mbsync', ['--quiet', '--config', file, '--all'], {
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
