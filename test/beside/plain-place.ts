import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Site } from '../end-to-end/site.js';
import { type Held, idOf, letterOf, type Place, systemFlags } from './place.js';

/** A Maildir++ without a server: programs that work on its files. */
export function plainPlace(site: Site): Place {
  const needle = ({ id }: { readonly id: string }): string => `<${id}@`;
  let moved = 0;
  const pathOf = (which: Held): string | undefined => site.files(needle(which), which.mailbox)[0];
  return {
    name: site.name,
    look: () =>
      steadily(() => {
        const mailboxes = mailboxesOf(site);
        return { held: mailboxes.flatMap((mailbox) => heldIn(site, mailbox)), mailboxes, served: {} };
      }),
    whereIs: (id, mailboxes) =>
      steadily(() => mailboxes.flatMap((mailbox) => site.files(needle({ id }), mailbox).map(() => mailbox))),
    async deliver(id, mailbox) {
      site.deliver(letterOf(id), mailbox);
      return 'renaming a file';
    },
    flag: async (which, flag, on) => site.mark(needle(which), on ? { add: flag } : { remove: flag }, which.mailbox),
    expunge: async (which) => site.expunge(needle(which), which.mailbox),
    async move(which, to) {
      // Under a new name, as mutt does and mbsync wants it: its own number in the old one is for the old mailbox only.
      const path = pathOf(which);
      if (path === undefined) return;
      site.create(to);
      renameSync(path, join(site.folder(to), 'cur', `1700000000.M${++moved}P1.${site.name}-moved:2,${which.flags}`));
    },
    async copy(which, to) {
      const path = pathOf(which);
      if (path !== undefined) site.put(readFileSync(path, 'latin1'), { mailbox: to, flags: which.flags });
    },
    create: async (mailbox) => site.create(mailbox),
    async rename(from, to) {
      for (const mailbox of mailboxesOf(site)) {
        if (mailbox !== from && !mailbox.startsWith(`${from}/`)) continue;
        renameSync(site.folder(mailbox), site.folder(`${to}${mailbox.slice(from.length)}`));
      }
    },
    remove: async (mailbox) => rmSync(site.folder(mailbox), { recursive: true }),
  };
}

function heldIn(site: Site, mailbox: string): Held[] {
  return filesIn(site.folder(mailbox)).map((file) => ({
    id: idOf(readFileSync(file, 'latin1')),
    mailbox,
    flags: [...(/:2,([A-Za-z]*)$/.exec(file)?.[1] ?? '')].filter((each) => each in systemFlags).join(''),
  }));
}

/** Looks that a program takes at most until none of the files that it has just listed is renamed or gone. */
const looksMax = 1000;

async function steadily<T>(look: () => T): Promise<T> {
  for (let looks = 1; ; looks++) {
    try {
      return look();
    } catch (error) {
      if (looks === looksMax || !(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    await new Promise(setImmediate);
  }
}

function mailboxesOf({ maildir }: Site): string[] {
  const folders = readdirSync(maildir, { withFileTypes: true })
    .filter(
      (entry) => entry.isDirectory() && entry.name.startsWith('.') && existsSync(join(maildir, entry.name, 'cur')),
    )
    .map(({ name }) => name.slice(1).replaceAll('.', '/'));
  return ['INBOX', ...folders].sort();
}

function filesIn(folder: string): string[] {
  return ['cur', 'new'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => !name.startsWith('.'))
      .map((name) => join(folder, part, name)),
  );
}
