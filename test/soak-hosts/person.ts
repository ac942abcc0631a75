import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Random } from '../bench/random.js';
import { letter, type Site } from '../end-to-end/site.js';
import { textHash } from '../maildir-view.js';
import type { Oracle } from './oracle.js';

/** Somebody at a host, whose mail programs change the Maildir, and who now and then does so by hand. Tells the oracle of everything. */
export type Person = {
  /** Does some of what people do; names what was done. */
  act(): string;
  deliver(): void;
  /** All that lies in the Maildir, a text for each message. */
  held(): string[];
};

/** Mailboxes without others below them: whoever renames or deletes one knows what goes with it. */
const mailboxes = ['INBOX', 'Archive', 'Sent', 'Lists/a', 'Lists/b', 'Work/old', 'Drafts'] as const;
const laterNames = ['Archive-2', 'Lists/c', 'Work/older'] as const;

type MessageFile = { readonly mailbox: string; readonly path: string };

export function makePerson(site: Site, { random, oracle }: { random: Random; oracle: Oracle }): Person {
  let count = 0;

  const present = (): string[] =>
    [...mailboxes, ...laterNames].filter((name) => existsSync(join(site.folder(name), 'cur')));
  const filesIn = (mailbox: string): MessageFile[] =>
    ['cur', 'new'].flatMap((part) => {
      const directory = join(site.folder(mailbox), part);
      if (!existsSync(directory)) return [];
      const names = readdirSync(directory).filter((name) => !name.startsWith('.'));
      return names.map((name) => ({ mailbox, path: join(directory, name) }));
    });
  const anyMessage = (): MessageFile | null => {
    const filled = present()
      .map(filesIn)
      .filter((files) => files.length > 0);
    return filled.length === 0 ? null : random.pick(random.pick(filled));
  };
  const textOf = ({ path }: MessageFile): string => textHash(readFileSync(path));
  const freshBase = (): string => `${1_600_000_000 + count++}.soak.${site.name}`;
  const suffixOf = (path: string): string => /:2,.*$/.exec(path)?.[0] ?? ':2,';

  const write = (flags: string | null): void => {
    const number = oracle.texts + 1;
    const text = letter(`${number} at ${site.name}`, 'All work and no play.\n'.repeat(random.integer(1, 60)));
    oracle.delivered(textHash(Buffer.from(text)));
    const mailbox = random.pickZipf(mailboxes);
    if (flags === null) site.deliver(text, mailbox);
    else site.put(text, { mailbox, flags });
  };

  /** Into the mailbox under its own base name, unless that is taken there. */
  const place = (file: MessageFile, to: string, how: (from: string, to: string) => void): void => {
    site.create(to);
    const base = basename(file.path).split(':')[0] ?? '';
    const isTaken = filesIn(to).some(({ path }) => basename(path).split(':')[0] === base);
    how(file.path, join(site.folder(to), 'cur', `${isTaken ? freshBase() : base}${suffixOf(file.path)}`));
  };

  const onMessage = (work: (file: MessageFile) => void) => (): void => {
    const file = anyMessage();
    if (file !== null) work(file);
  };

  const reflag = (file: MessageFile, letters: string): void => {
    const [base = ''] = basename(file.path).split(':');
    renameSync(file.path, join(site.folder(file.mailbox), 'cur', `${base}:2,${[...new Set(letters)].sort().join('')}`));
  };

  const leaf = (): string | null => {
    const others = present().filter((name) => name !== 'INBOX');
    return others.length === 0 ? null : random.pick(others);
  };

  const acts: readonly (readonly [weight: number, name: string, act: () => void])[] = [
    [20, 'deliver', () => write(null)],
    [8, 'save', () => write(random.pick(['S', 'F', 'RS', 'D']))],
    [
      30,
      'flag',
      onMessage((file) => {
        const letters = suffixOf(file.path).slice(3);
        const flag = random.pick(['F', 'R', 'S', 'T']);
        reflag(file, letters.includes(flag) ? letters.replace(flag, '') : letters + flag);
      }),
    ],
    [
      8,
      'keyword',
      onMessage((file) => {
        const names = join(site.folder(file.mailbox), 'dovecot-keywords');
        if (!existsSync(join(site.folder(file.mailbox), 'dovecot-uidlist'))) return;
        if (!existsSync(names)) writeFileSync(names, '0 Work\n1 Later\n');
        const numbers = readFileSync(names, 'latin1')
          .split('\n')
          .filter(Boolean)
          .map((line) => Number.parseInt(line, 10));
        const flag = String.fromCharCode(97 + random.pick(numbers));
        const letters = suffixOf(file.path).slice(3);
        reflag(file, letters.includes(flag) ? letters.replace(flag, '') : letters + flag);
      }),
    ],
    [
      20,
      'expunge',
      onMessage((file) => {
        oracle.expunged(textOf(file));
        unlinkSync(file.path);
      }),
    ],
    [
      10,
      'move',
      onMessage((file) => {
        const to = random.pick(mailboxes);
        if (to === file.mailbox) return;
        oracle.multiplied(textOf(file)); // another host may move it elsewhere, or flag it back
        place(file, to, renameSync);
      }),
    ],
    [
      5,
      'copy',
      onMessage((file) => {
        oracle.multiplied(textOf(file));
        place(file, random.pick(mailboxes), linkSync);
      }),
    ],
    [2, 'create', () => site.create(random.pick(mailboxes))],
    [
      1,
      'delete',
      () => {
        const mailbox = leaf();
        if (mailbox === null) return;
        for (const file of filesIn(mailbox)) oracle.expunged(textOf(file));
        rmSync(site.folder(mailbox), { recursive: true });
      },
    ],
    [
      1.5,
      'rename',
      () => {
        const [mailbox, to] = [leaf(), random.pick(laterNames)];
        if (mailbox === null || existsSync(site.folder(to))) return;
        for (const file of filesIn(mailbox)) oracle.multiplied(textOf(file));
        mkdirSync(join(site.folder(to), '..'), { recursive: true });
        renameSync(site.folder(mailbox), site.folder(to));
      },
    ],
    [
      2,
      'rename a file',
      onMessage(({ mailbox, path }) =>
        renameSync(path, join(site.folder(mailbox), 'cur', freshBase() + suffixOf(path))),
      ),
    ],
    [
      4,
      'fetch anew',
      onMessage(({ mailbox, path }) => {
        // A program that fetches mail has lost its place, and stamps another line into the copy that it makes.
        const stamp = `X-TUID: ${random.integer(1e11, 1e12 - 1)}`;
        const text = readFileSync(path, 'latin1').replace(/^X-TUID: .*\n/m, '');
        const spooled = join(site.folder(mailbox), 'tmp', freshBase());
        writeFileSync(spooled, text.replace('\n\n', `\n${stamp}\n\n`), 'latin1');
        const { atime, mtime } = statSync(path);
        utimesSync(spooled, atime, mtime);
        renameSync(spooled, join(site.folder(mailbox), 'cur', `${freshBase()}${suffixOf(path)}`));
        unlinkSync(path);
      }),
    ],
    [
      0.7,
      'garble a UID list',
      () => {
        const list = join(site.folder(random.pick(present())), 'dovecot-uidlist');
        if (existsSync(list)) writeFileSync(list, `${readFileSync(list, 'latin1')}x nonsense\n`, 'latin1');
      },
    ],
    [
      0.7,
      'lose names of keywords',
      () => rmSync(join(site.folder(random.pick(present())), 'dovecot-keywords'), { force: true }),
    ],
    [
      0.3,
      'reset UIDs',
      () => {
        const list = join(site.folder(random.pick(present())), 'dovecot-uidlist');
        if (!existsSync(list)) return;
        const text = readFileSync(list, 'latin1');
        const higher = Number(/ V(\d+)/.exec(text)?.[1]) + random.integer(1, 1000);
        if (Number.isSafeInteger(higher)) writeFileSync(list, text.replace(/ V\d+/, ` V${higher}`), 'latin1');
      },
    ],
  ];
  const total = acts.reduce((sum, [weight]) => sum + weight, 0);

  return {
    act() {
      let at = random.unit() * total;
      for (const [weight, name, act] of acts) {
        at -= weight;
        if (at > 0) continue;
        act();
        return name;
      }
      return 'nothing';
    },
    deliver: () => write(null),
    held: () =>
      present()
        .flatMap(filesIn)
        .filter(({ path }) => statSync(path).isFile())
        .map(textOf),
  };
}
