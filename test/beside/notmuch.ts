import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The real one, on the Maildir of a host; flags are tags, both ways. */
export type Notmuch = {
  /** Looks for what is new. */
  look(): Promise<void>;
  tag(id: string, changes: readonly string[]): Promise<void>;
  /** How many files it knows of each letter. */
  known(): Promise<Map<string, number>>;
};

export function makeNotmuch({ home, maildir }: { readonly home: string; readonly maildir: string }): Notmuch {
  const config = join(home, '.notmuch-config');
  writeFileSync(
    config,
    `[database]
path=${maildir}
[user]
name=Alice
primary_email=alice@example.org
[new]
tags=unread
ignore=.mbsyncstate;.uidvalidity;.isyncuidmap.db
[maildir]
synchronize_flags=true
`,
  );
  const notmuch = async (...args: string[]): Promise<string> =>
    (await run('notmuch', args, { env: { ...process.env, HOME: home, NOTMUCH_CONFIG: config } })).stdout;
  const lines = async (...args: string[]): Promise<string[]> => (await notmuch(...args)).split('\n').filter(Boolean);
  return {
    look: async () => void (await notmuch('new', '--quiet')),
    tag: async (id, changes) => void (await notmuch('tag', ...changes, '--', `id:${id}@example.org`)),
    async known() {
      const found = new Map<string, number>();
      for (const line of await lines('search', '--output=messages', '*')) {
        const id = line.replace(/^id:/, '').replace(/@.*$/, '');
        found.set(id, (await lines('search', '--output=files', line)).length);
      }
      return found;
    },
  };
}
