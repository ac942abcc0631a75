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

type Obstacle = {
  /** What the mailbox is called that the cabin cannot make. */
  readonly mailbox: string;
  /** Puts something in its way in the cabin. */
  readonly block: (cabin: Site, mailbox: string) => void;
  readonly clear: (cabin: Site, mailbox: string) => void;
  /** What the cabin says about it. */
  readonly said: RegExp;
};

/** Whoever a test runs as: somebody whom permissions stop. */
const somebody = mailUser();

type Scene = {
  readonly what: string;
  readonly home?: SiteOptions;
  readonly cabin?: SiteOptions;
  readonly obstacles: readonly Obstacle[];
};

const scenes: readonly Scene[] = [
  {
    what: 'something else in their place',
    obstacles: [
      {
        mailbox: 'File',
        block: (cabin, mailbox) => writeFileSync(cabin.folder(mailbox), 'x'),
        clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox)),
        said: /reading File: .* is a file\n(?:.*\n)*.*A file lies where a directory has to be/,
      },
      {
        mailbox: 'Link',
        block: (cabin, mailbox) => symlinkSync('/nowhere/at/all', cabin.folder(mailbox)),
        clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox)),
        said: /reading Link: .* has no directory "cur"/,
      },
      {
        mailbox: 'Lost',
        block(cabin, mailbox) {
          const list = '3 V9 N2 G00000000000000000000000000000001\n1 :a\n';
          mkdirSync(cabin.folder(mailbox));
          writeFileSync(join(cabin.folder(mailbox), 'dovecot-uidlist'), list);
        },
        clear: (cabin, mailbox) => rmSync(cabin.folder(mailbox), { recursive: true }),
        said: /reading Lost: .* has no directory "cur"/,
      },
    ],
  },
  {
    what: 'a file where their parent should be',
    home: { layout: 'fs' },
    cabin: { layout: 'fs' },
    obstacles: [
      {
        mailbox: 'Parent/below/that',
        block: (cabin) => writeFileSync(cabin.folder('Parent'), 'x'),
        clear: (cabin) => rmSync(cabin.folder('Parent')),
        said: /A file lies where a directory has to be/,
      },
    ],
  },
  {
    what: 'a Maildir that may not be written to',
    cabin: { program: somebody.command(mreplProgram) },
    obstacles: [
      {
        mailbox: 'Forbidden',
        block: (cabin) => chmodSync(cabin.maildir, 0o555),
        clear: (cabin) => chmodSync(cabin.maildir, 0o700),
        said: /changing Forbidden: EACCES.*\n(?:.*\n)*.*Check the permissions/,
      },
    ],
  },
];

const numbers = [1, 2, 3, 4, 5];
const rounds = 2;

describe('mailboxes that cannot be made lose nothing, and have all their mail in the end:', () => {
  for (const { what, obstacles, ...options } of scenes) {
    test(what, async (t) => {
      const directory = scratch(t);
      const home = makeSite(directory, 'home', options.home);
      const cabin = makeSite(directory, 'cabin', options.cabin);
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      for (const number of numbers) home.put(letter(`other ${number}.`), { flags: 'S' });
      for (const index of obstacles.keys()) {
        for (const number of numbers.slice(1)) home.put(letter(`kept ${index} ${number}.`), { mailbox: `Old${index}` });
      }
      somebody.own(directory);
      await initAll([home, cabin]);
      for (const site of [home, cabin, home]) await site.mrepl('sync', stick);

      for (const [index, { mailbox, block }] of obstacles.entries()) {
        mkdirSync(dirname(home.folder(mailbox)), { recursive: true });
        renameSync(home.folder(`Old${index}`), home.folder(mailbox)); // mail that both know
        home.put(letter(`kept ${index} 1.`), { mailbox }); // and mail that only home has
        block(cabin, mailbox);
      }
      somebody.own(directory);
      for (let round = 1; round <= rounds; round++) {
        await home.mrepl('sync', stick);
        const { status, out, err } = await cabin.run('sync', stick);
        assert.equal(status, 3, `round ${round}: ${out}${err}`);
        if (round > 1) assert.doesNotMatch(out, /asked for/, 'texts are of no use yet');
        const shown = await cabin.mrepl('status');
        const known = await viewReplica(cabin);
        for (const [index, { mailbox, said }] of obstacles.entries()) {
          assert.match(err, said);
          assert.match(shown, new RegExp(`^${mailbox} .* not in this store yet; 5 texts$`, 'm'));
          assert.ok(shown.includes(`\n${mailbox.slice(0, 20)}`), 'it is not taken for deleted');
          assert.equal(known[mailbox]?.messages.length, numbers.length, mailbox);
          home.mark(`kept ${index} ${round}.`, { add: 'F' }, mailbox);
        }
        home.put(letter(`meanwhile ${round}.`));
        cabin.put(letter(`from the cabin ${round}.`));
      }
      for (const [index, { mailbox }] of obstacles.entries()) {
        assert.equal(home.count(`kept ${index}`, mailbox), numbers.length);
      }
      assert.equal(cabin.count('meanwhile'), rounds - 1, 'a bad mailbox does not stop the others');

      for (const { mailbox, clear } of obstacles) clear(cabin, mailbox);
      await home.mrepl('sync', stick);
      for (const site of [cabin, home, cabin, home]) await site.mrepl('sync', stick);
      for (const site of [home, cabin]) {
        for (const [index, { mailbox: place }] of obstacles.entries()) {
          assert.equal(site.count(`kept ${index}`, place), numbers.length, `${site.name}: ${place}`);
          assert.match(site.files(`kept ${index} 2.`, place)[0] ?? '', /:2,F$/);
        }
        assert.equal(site.count('other'), numbers.length, site.name);
        assert.equal(site.count('meanwhile') + site.count('from the cabin'), 2 * rounds, site.name);
      }
      assert.deepEqual(await viewReplica(cabin), await viewReplica(home));
    });
  }
});
