import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describeHarms, fillMailbox, type Harm, letters, needle, textOf } from './desync.js';
import type { Site } from './site.js';

// Directories of mailboxes that somebody renamed, removed, replaced or took apart.

const gone = { one: 0, two: 0, three: 0 };

/** The directory itself, or what is in it, out of sight for one run. */
function hidden(title: string, hide: (site: Site, mailbox: string, aside: string) => void, what = ''): Harm {
  const asideOf = (site: Site, mailbox: string): string => join(dirname(site.maildir), `aside-${mailbox}`);
  return {
    title: `${title}, and is put back`,
    harm: (site, mailbox) => hide(site, mailbox, asideOf(site, mailbox)),
    repair(site, mailbox) {
      const path = join(site.folder(mailbox), what);
      rmSync(path, { recursive: true, force: true });
      renameSync(asideOf(site, mailbox), path);
    },
    meanwhile: (site, mailbox) => site.deliver(textOf('four', mailbox), mailbox),
    left: { four: 1 },
    told: { kind: 'trouble', code: 'store-damaged' },
  };
}

describeHarms('directories of mailboxes changed by hand', [
  {
    title: 'one is renamed',
    harm: (site, mailbox) => renameSync(site.folder(mailbox), site.folder(`Renamed-${mailbox}`)),
    meanwhile: (site, mailbox) => site.mark(needle('two', mailbox), { add: 'R' }, mailbox),
    left: gone,
    told: { kind: 'scanned', deleted: true, expunged: 3 },
    check(site, mailbox) {
      assert.ok(!existsSync(site.folder(mailbox)));
      const [path = '', ...more] = site.files(needle('two', mailbox), `Renamed-${mailbox}`);
      assert.deepEqual([/:2,([A-Z]*)/.exec(path)?.[1], more], ['FR', []], 'with the flag set meanwhile');
    },
  },
  {
    title: 'one is renamed here, while new mail comes there',
    harm: (site, mailbox) => renameSync(site.folder(mailbox), site.folder(`Renamed-${mailbox}`)),
    meanwhile: (site, mailbox) => site.deliver(textOf('four', mailbox), mailbox),
    left: { ...gone, four: 1 },
    check: (site, mailbox) => assert.equal(site.count(' in ', `Renamed-${mailbox}`), 3),
  },
  {
    title: 'one is deleted',
    harm: (site, mailbox) => rmSync(site.folder(mailbox), { recursive: true }),
    left: gone,
    told: { kind: 'scanned', deleted: true, expunged: 3 },
    check: (site, mailbox) => assert.ok(!existsSync(site.folder(mailbox))),
  },
  {
    title: 'one is deleted here, while new mail comes there',
    harm: (site, mailbox) => rmSync(site.folder(mailbox), { recursive: true }),
    meanwhile: (site, mailbox) => site.deliver(textOf('four', mailbox), mailbox),
    left: { ...gone, four: 1 },
  },
  {
    title: 'one is deleted and made again, with other mail',
    harm(site, mailbox) {
      rmSync(site.folder(mailbox), { recursive: true });
      site.put(textOf('four', mailbox), { mailbox });
    },
    left: { ...gone, four: 1 },
  },
  {
    title: 'one with mailboxes below is renamed with them',
    prepare(site, mailbox) {
      fillMailbox(site, `${mailbox}/below`);
      site.put(textOf('deep', mailbox), { mailbox: `${mailbox}/below/deeper` });
    },
    harm(site, mailbox) {
      const names = site.layout === 'fs' ? [mailbox] : [mailbox, `${mailbox}/below`, `${mailbox}/below/deeper`];
      for (const name of names) renameSync(site.folder(name), site.folder(name.replace(mailbox, `Parent-${mailbox}`)));
    },
    left: gone,
    check(site, mailbox) {
      for (const name of ['', '/below', '/below/deeper']) {
        assert.ok(!existsSync(join(site.folder(`${mailbox}${name}`), 'cur')), `${mailbox}${name}`);
        assert.equal(
          site.count(' in ', `Parent-${mailbox}${name}`),
          name.endsWith('deeper') ? 1 : letters.length,
          name,
        );
      }
    },
  },
  {
    title: 'two change names',
    prepare: (site, mailbox) => fillMailbox(site, `${mailbox}-other`),
    harm(site, mailbox) {
      const [path, other] = [site.folder(mailbox), site.folder(`${mailbox}-other`)];
      renameSync(path, join(site.home, 'aside'));
      renameSync(other, path);
      renameSync(join(site.home, 'aside'), other);
    },
    left: gone,
    check(site, mailbox) {
      assert.equal(site.count(`in ${mailbox}-other.`, mailbox), 3);
      assert.equal(site.count(`in ${mailbox}.`, `${mailbox}-other`), 3);
    },
  },
  {
    title: 'one is moved to another disk, with a link in its place',
    harm(site, mailbox) {
      const elsewhere = join(dirname(site.maildir), `disk-${mailbox}`);
      renameSync(site.folder(mailbox), elsewhere);
      symlinkSync(elsewhere, site.folder(mailbox));
    },
    meanwhile: (site, mailbox) => site.deliver(textOf('four', mailbox), mailbox),
    left: { four: 1 },
  },
  {
    title: 'one loses its directory tmp',
    harm: (site, mailbox) => rmSync(join(site.folder(mailbox), 'tmp'), { recursive: true }),
    meanwhile: (site, mailbox) => site.deliver(textOf('four', mailbox), mailbox),
    left: { four: 1 },
  },
  hidden('one is replaced by a file', (site, mailbox, aside) => {
    renameSync(site.folder(mailbox), aside);
    writeFileSync(site.folder(mailbox), 'an archive, perhaps');
  }),
  hidden('one is replaced by a link that leads nowhere', (site, mailbox, aside) => {
    renameSync(site.folder(mailbox), aside);
    symlinkSync(join(aside, 'nowhere'), site.folder(mailbox));
  }),
  hidden(
    'one loses its directory cur',
    (site, mailbox, aside) => renameSync(join(site.folder(mailbox), 'cur'), aside),
    'cur',
  ),
  hidden(
    'one loses its directory new',
    (site, mailbox, aside) => renameSync(join(site.folder(mailbox), 'new'), aside),
    'new',
  ),
  {
    title: 'one loses an empty directory new, which is made again',
    prepare: (site, mailbox) => site.mark(needle('three', mailbox), { add: 'S' }, mailbox),
    harm: (site, mailbox) => rmSync(join(site.folder(mailbox), 'new'), { recursive: true }),
    repair: (site, mailbox) => mkdirSync(join(site.folder(mailbox), 'new')),
    told: { kind: 'trouble', code: 'store-damaged' },
  },
]);
