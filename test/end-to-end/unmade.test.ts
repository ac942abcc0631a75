import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { mailUser } from '../dovecot/mail-user.js';
import { mreplProgram } from '../host.js';
import { initAll } from './agreement.js';
import { viewReplica } from './replica-view.js';
import { letter, makeSite, type Site, type SiteOptions, scratch } from './site.js';

// A mailbox that a host cannot make is not one that was deleted there: whatever is in the way, no mail is lost, the trouble is said on
// every run, and when it is gone everything arrives.

type Cause = {
  readonly what: string;
  /** What the mailbox is called that the cabin cannot make. */
  readonly mailbox: string;
  readonly home?: SiteOptions;
  readonly cabin?: SiteOptions;
  /** Puts something in its way in the cabin. */
  readonly block?: (cabin: Site, mailbox: string) => void;
  readonly clear?: (cabin: Site, mailbox: string) => void;
  /** What the cabin says about it. */
  readonly said: RegExp;
};

/** Whoever a test runs as: somebody whom permissions stop. */
const somebody = mailUser();

const causes: readonly Cause[] = [
  {
    what: 'a dot in the name, for a Maildir++',
    mailbox: 'Projekte.alt',
    home: { layout: 'fs' },
    said: /Projekte\.alt cannot be kept in this store: its name has a dot/,
  },
  {
    what: 'a name that is too long for a Maildir++',
    mailbox: `${'x'.repeat(200)}/${'y'.repeat(200)}`,
    home: { layout: 'fs' },
    said: /its name is too long/,
  },
  ...['cur', 'a/tmp', 'new/b', '~root'].map(
    (mailbox): Cause => ({
      what: `the reserved name ${mailbox}, with an fs layout`,
      mailbox,
      cabin: { layout: 'fs' },
      said: /cannot be kept in this store/,
    }),
  ),
  {
    what: 'a file where the folder should be',
    mailbox: 'Projekte neu',
    block: (cabin, mailbox) => writeFileSync(cabin.folder(mailbox), 'x'),
    clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox)),
    said: /changing Projekte neu: .*\n(?:.*\n)*.*A file lies where a directory has to be/,
  },
  {
    what: 'a file where its parent should be',
    mailbox: 'Projekte/neu/heute',
    cabin: { layout: 'fs' },
    home: { layout: 'fs' },
    block: (cabin) => writeFileSync(cabin.folder('Projekte'), 'x'),
    clear: (cabin) => rmSync(cabin.folder('Projekte')),
    said: /A file lies where a directory has to be/,
  },
  {
    what: 'a link that leads nowhere',
    mailbox: 'Projekte neu',
    block: (cabin, mailbox) => symlinkSync('/nowhere/at/all', cabin.folder(mailbox)),
    clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox)),
    said: /Projekte neu/,
  },
  {
    what: 'a folder of another mail program that lost its mail',
    mailbox: 'Projekte neu',
    block(cabin, mailbox) {
      mkdirSync(cabin.folder(mailbox));
      writeFileSync(
        join(cabin.folder(mailbox), 'dovecot-uidlist'),
        '3 V9 N2 G00000000000000000000000000000001\n1 :a\n',
      );
    },
    clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox), { recursive: true }),
    said: /has no directory "cur"/,
  },
  {
    what: 'a Maildir that may not be written to',
    mailbox: 'Projekte neu',
    cabin: { program: somebody.command(mreplProgram) },
    block: (cabin) => chmodSync(cabin.maildir, 0o555),
    clear: (cabin) => chmodSync(cabin.maildir, 0o700),
    said: /changing Projekte neu: EACCES.*\n(?:.*\n)*.*Check the permissions/,
  },
];

const numbers = [1, 2, 3, 4, 5];
const rounds = 2;

/** Mail that is known to both hosts, in a mailbox that is renamed, or mail that only home has. */
const origins = {
  renamed(home: Site, mailbox: string): void {
    mkdirSync(dirname(home.folder(mailbox)), { recursive: true });
    renameSync(home.folder('Alt'), home.folder(mailbox));
  },
  new(home: Site, mailbox: string): void {
    for (const number of numbers) home.put(letter(`kept ${number}.`), { mailbox });
  },
} as const;

for (const origin of ['renamed', 'new'] as const) {
  describe(`mail that is ${origin}, in a mailbox that cannot be made`, () => {
    for (const cause of causes) {
      test(`because of ${cause.what}: nothing is lost, and all of it arrives in the end`, async (t) => {
        const directory = scratch(t);
        const home = makeSite(directory, 'home', cause.home);
        const cabin = makeSite(directory, 'cabin', cause.cabin);
        const stick = join(directory, 'stick');
        mkdirSync(stick);
        for (const number of numbers) home.put(letter(`other ${number}.`), { flags: 'S' });
        if (origin === 'renamed') for (const number of numbers) home.put(letter(`kept ${number}.`), { mailbox: 'Alt' });
        somebody.own(directory);
        await initAll([home, cabin]);
        for (const site of [home, cabin, home]) await site.mrepl('sync', stick);

        const { mailbox } = cause;
        origins[origin](home, mailbox);
        cause.block?.(cabin, mailbox);
        somebody.own(directory);
        for (let round = 1; round <= rounds; round++) {
          await home.mrepl('sync', stick);
          const { status, out, err } = await cabin.run('sync', stick);
          assert.equal(status, 3, `round ${round}: ${out}${err}`);
          assert.match(err, cause.said);
          assert.ok((await cabin.mrepl('status')).includes(`\n${mailbox.slice(0, 20)}`), 'it is not taken for deleted');
          if (round > 1) assert.doesNotMatch(out, /asked for/, 'texts are of no use yet');
          assert.equal((await viewReplica(cabin))[mailbox]?.messages.length, numbers.length);
          home.mark(`kept ${round}.`, { add: 'F' }, mailbox);
          home.put(letter(`meanwhile ${round}.`));
          cabin.put(letter(`from the cabin ${round}.`));
        }
        assert.equal(home.count('kept', mailbox), numbers.length);
        assert.equal(cabin.count('meanwhile'), rounds - 1, 'one bad mailbox does not stop the others');

        const place = cause.clear === undefined ? 'Projekte gut' : mailbox;
        if (cause.clear === undefined) renameSync(home.folder(mailbox), home.folder(place));
        else cause.clear(cabin, mailbox);
        await home.mrepl('sync', stick);
        await cabin.run('sync', stick); // it begins with another try, before it hears of a new name
        for (const site of [home, cabin, home, cabin, home]) await site.mrepl('sync', stick);
        for (const site of [home, cabin]) {
          assert.equal(site.count('kept', place), numbers.length, site.name);
          assert.equal(site.count('other'), numbers.length, site.name);
          assert.equal(site.count('meanwhile') + site.count('from the cabin'), 2 * rounds, site.name);
          assert.match(site.files('kept 2.', place)[0] ?? '', /:2,F$/);
        }
        assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
      });
    }
  });
}
