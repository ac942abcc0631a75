import { copyFileSync, linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeHarms, needle, textOf } from './desync.js';
import type { Site } from './site.js';

// Message files that somebody added, removed, renamed, copied or moved with a shell or a file manager.

const pathOf = (site: Site, word: string, mailbox: string): string =>
  site.files(needle(word, mailbox), mailbox)[0] ?? '';

describeHarms('message files changed by hand', [
  {
    title: 'one is added without any flags behind its name',
    harm: (site, mailbox) => writeFileSync(join(site.folder(mailbox), 'cur', 'added'), textOf('four', mailbox)),
    left: { four: 1 },
    told: { kind: 'scanned', born: 1 },
  },
  {
    title: 'one is added under a name of no mail program',
    harm: (site, mailbox) =>
      writeFileSync(join(site.folder(mailbox), 'cur', 'A letter, saved (1).eml'), textOf('four', mailbox)),
    left: { four: 1 },
    told: { kind: 'scanned', born: 1 },
  },
  {
    title: 'one is deleted',
    harm: (site, mailbox) => unlinkSync(pathOf(site, 'one', mailbox)),
    left: { one: 0 },
    told: { kind: 'scanned', expunged: 1 },
  },
  {
    title: 'one is deleted here, and flagged there',
    harm: (site, mailbox) => unlinkSync(pathOf(site, 'one', mailbox)),
    meanwhile: (site, mailbox) => site.mark(needle('one', mailbox), { add: 'F' }, mailbox),
    left: { one: 0 },
  },
  {
    title: 'a base name is changed',
    harm: (site, mailbox) => renameSync(pathOf(site, 'one', mailbox), join(site.folder(mailbox), 'cur', 'renamed:2,S')),
  },
  {
    title: 'a base name is changed here, while the message is flagged there',
    harm: (site, mailbox) => renameSync(pathOf(site, 'two', mailbox), join(site.folder(mailbox), 'cur', 'renamed:2,F')),
    meanwhile: (site, mailbox) => site.mark(needle('two', mailbox), { add: 'R' }, mailbox),
    check: (site, mailbox) => expectFlags(site, 'two', mailbox, 'FR'),
  },
  {
    title: 'flags are changed, and stand in no order',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'two', mailbox);
      renameSync(path, path.replace(/:2,.*/, ':2,TSFR'));
    },
    told: { kind: 'scanned', flagged: 1 },
    check: (site, mailbox) => expectFlags(site, 'two', mailbox, 'FRST'),
  },
  {
    title: 'new mail is put among the old',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'three', mailbox);
      renameSync(path, join(site.folder(mailbox), 'cur', `${basename(path)}:2,S`));
    },
    told: { kind: 'scanned', flagged: 1 },
    check: (site, mailbox) => expectFlags(site, 'three', mailbox, 'S'),
  },
  {
    title: 'one is copied within the mailbox',
    harm: (site, mailbox) => copyFileSync(pathOf(site, 'two', mailbox), join(site.folder(mailbox), 'cur', 'copy:2,')),
    left: { two: 2 },
    told: { kind: 'scanned', born: 1 },
  },
  {
    title: 'one is copied into another mailbox under its name',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'two', mailbox);
      copyFileSync(path, join(site.maildir, 'cur', basename(path)));
    },
    check: (site, mailbox) => expectCount(site, 'two', mailbox, 'INBOX', 1),
  },
  {
    title: 'one is moved into another mailbox, and flagged there where it was',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'two', mailbox);
      renameSync(path, join(site.maildir, 'cur', basename(path)));
    },
    meanwhile: (site, mailbox) => site.mark(needle('two', mailbox), { add: 'R' }, mailbox),
    left: { two: 0 },
    check(site, mailbox) {
      expectCount(site, 'two', mailbox, 'INBOX', 1);
    },
  },
  {
    title: 'one is moved to where another has its base name',
    harm: (site, mailbox) => {
      const { dir, name } = { dir: join(site.maildir, 'cur'), name: `17.taken-${mailbox}` };
      writeFileSync(join(dir, `${name}:2,S`), textOf('four', mailbox));
      renameSync(pathOf(site, 'two', mailbox), join(dir, `${name}:2,F`));
    },
    left: { two: 0 },
    check(site, mailbox) {
      expectCount(site, 'two', mailbox, 'INBOX', 1);
      expectCount(site, 'four', mailbox, 'INBOX', 1);
    },
  },
  {
    title: 'another gets the base name of one that is there',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'two', mailbox);
      writeFileSync(path.replace(/:2,.*/, ':2,RS'), textOf('four', mailbox));
    },
    left: { four: 1 },
  },
  {
    title: 'one file has two names of one base name',
    harm: (site, mailbox) => {
      const path = pathOf(site, 'two', mailbox);
      linkSync(path, path.replace(/:2,.*/, ':2,RS'));
    },
  },
  {
    title: 'all of them are renamed',
    harm: (site, mailbox) => {
      for (const word of ['one', 'two', 'three']) {
        const path = pathOf(site, word, mailbox);
        renameSync(path, join(site.folder(mailbox), 'cur', `all.${word}${/:2,.*/.exec(path)?.[0] ?? ':2,'}`));
      }
    },
  },
  {
    title: 'what is no file lies among them',
    harm: (site, mailbox) => {
      const cur = join(site.folder(mailbox), 'cur');
      mkdirSync(join(cur, 'directory'));
      symlinkSync('nowhere', join(cur, 'dangling'));
    },
    told: { kind: 'trouble' },
  },
]);

function expectFlags(site: Site, word: string, mailbox: string, flags: string): void {
  const path = pathOf(site, word, mailbox);
  const found = [...(/:2,([A-Z]*)/.exec(path)?.[1] ?? '')].sort().join('');
  if (found !== flags) throw new Error(`${site.name}, ${mailbox}: ${word} has the flags ${found}, not ${flags}`);
}

function expectCount(site: Site, word: string, mailbox: string, where: string, count: number): void {
  const found = site.count(needle(word, mailbox), where);
  if (found !== count) throw new Error(`${site.name}: ${found} of ${word} from ${mailbox} in ${where}, not ${count}`);
}
