import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { pairAll } from '../host.js';
import { viewMaildir } from '../maildir-view.js';
import { assertAgreed, exchange, initAll, runAhead } from './agreement.js';
import { makePair, makeTwins } from './pairs.js';
import { letter, makeSite, type Site, scratch } from './site.js';

// Where other programs were seen to fail: rings of hosts, state that is lost, runs that collide, and names. Each test is one such case.

describe('a ring of three', () => {
  type Link = { readonly from: Site; readonly to: Site; readonly stick: string };

  async function makeRing(t: { after(clean: () => void): void }): Promise<{ sites: readonly Site[]; links: Link[] }> {
    const directory = scratch(t);
    const sites = ['a', 'b', 'c'].map((name, index) => makeSite(directory, name, { uidList: index === 0 }));
    const [a, b, c] = sites as [Site, Site, Site];
    a.put(letter('common'));
    await initAll(sites);
    const links = (
      [
        [a, b],
        [b, c],
        [c, a],
      ] as const
    ).map(([from, to]) => {
      const stick = join(directory, `${from.name}-${to.name}`);
      mkdirSync(stick);
      return { from, to, stick };
    });
    return { sites, links };
  }

  /** As many changes on each, so that counting them tells nothing. */
  function changeAlike(sites: readonly Site[]): void {
    for (const [index, site] of sites.entries()) {
      site.mark('common', { add: ['F', 'R', 'S'][index] ?? '' });
      site.put(letter(`from ${site.name}`));
    }
  }

  async function assertAllThere(sites: readonly Site[]): Promise<void> {
    await assertAgreed(sites);
    for (const site of sites) {
      assert.equal(site.count('from '), 3);
      assert.match(site.files('common')[0] ?? '', /:2,FRS$/);
    }
  }

  test('with as many changes on each agrees', async (t) => {
    const { sites, links } = await makeRing(t);
    const round = async (): Promise<void> => {
      for (const { from, to, stick } of links) for (const site of [from, to, from]) await runAhead(site, 'sync', stick);
    };
    await round();
    await round();
    await assertAgreed(sites);
    changeAlike(sites);
    await round();
    await round();
    await assertAllThere(sites);
  });

  test('agrees also where each link is used one way only', async (t) => {
    const { sites, links } = await makeRing(t);
    const round = async (): Promise<void> => {
      for (const { from, to, stick } of links) {
        await from.mrepl('export', stick);
        await runAhead(to, 'import', stick);
      }
    };
    for (let count = 0; count < 3; count++) await round();
    await assertAgreed(sites);
    changeAlike(sites);
    for (let count = 0; count < 3; count++) await round();
    await assertAllThere(sites);
  });
});

describe('state that is lost, runs that collide', () => {
  test('the catalog of one host is lost: nothing is doubled, nothing returns', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= 5; number++) site.put(letter(`number ${number}.`));
    });
    home.expunge('number 1.');
    await exchange(both, stick);
    rmSync(cabin.data, { recursive: true });
    rmSync(join(dirname(cabin.home), 'cards', 'mrepl', 'alice', 'cabin.card'));
    await initAll([cabin]);
    await home.mrepl('peers', 'revoke', 'cabin');
    await pairAll(both);
    cabin.put(letter('written after the loss'));
    // What the lost host left on the stick is sealed to it, and of nobody any more: that is no trouble.
    await cabin.mrepl('sync', stick);
    await exchange(both, stick, 2);
    await assertAgreed(both);
    assert.equal(home.count('number'), 4);
    assert.equal(home.count('written after the loss'), 1);
  });

  test('two first runs at once on one host', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (let number = 1; number <= 20; number++) home.put(letter(`number ${number}.`));
    await initAll(both);
    await home.mrepl('export', stick);
    const outcomes = await Promise.all([1, 2, 3].map(() => cabin.start(['sync', stick]).ended));
    for (const { status, err } of outcomes) assert.ok(status === 0 || status === 75, err);
    assert.ok(outcomes.some(({ status }) => status === 0));
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('number'), 20);
  });

  test('first runs of all hosts at once on one directory', async (t) => {
    const { home, cabin, stick, both } = makePair(t);
    for (const site of both) for (let number = 1; number <= 20; number++) site.put(letter(`number ${number}.`));
    await initAll(both);
    for (const { status, err } of await Promise.all(both.map((site) => site.start(['sync', stick]).ended))) {
      assert.equal(status, 0, err);
    }
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(home.count('number'), 20);
    assert.equal(cabin.count('number'), 20);
  });

  test('a store that is suddenly empty stops everything, and nobody loses mail', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= 50; number++) site.put(letter(`number ${number}.`));
    });
    const aside = `${home.maildir}-aside`;
    renameSync(home.maildir, aside);
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(home.maildir, part), { recursive: true });
    const { status, err } = await home.run('sync', stick);
    assert.equal(status, 77, err);
    assert.match(err, /--allow-expunge/);
    rmSync(home.maildir, { recursive: true });
    renameSync(aside, home.maildir);
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('number'), 50);
  });

  test('more than half of an account expunged at once is asked about, on either side', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= 120; number++) site.put(letter(`number ${number}.`));
    });
    for (let number = 1; number <= 100; number++) home.expunge(`number ${number}.`);
    assert.equal((await home.run('sync', stick)).status, 77);
    assert.equal(cabin.count('number'), 120);
    await home.mrepl('sync', stick, '--allow-expunge');
    const refused = await cabin.run('import', stick);
    assert.equal(refused.status, 77);
    assert.equal(cabin.count('number'), 120);
    await cabin.mrepl('import', stick, '--allow-expunge');
    await assertAgreed(both);
    assert.equal(cabin.count('number'), 20);
  });
});

describe('names', () => {
  test('a folder that was renamed follows, and no text travels', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => {
      for (let number = 1; number <= 5; number++) {
        site.put(letter(`number ${number}.`, 'y'.repeat(4000)), { mailbox: 'Old', flags: 'S' });
      }
      site.put(letter('other'));
    });
    renameSync(home.folder('Old'), home.folder('New/Name'));
    const exported = (await home.json('export', stick)).at(-1);
    assert.equal((exported?.bundles as { texts?: number }[] | undefined)?.[0]?.texts, 0);
    const imported = (await cabin.json('import', stick)).at(-1);
    assert.equal((imported?.texts as { arrived?: number } | undefined)?.arrived, 0);
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('number', 'New/Name'), 5);
    for (const site of both) assert.ok(!existsSync(site.folder('Old')), `${site.name} still has the old name`);
  });

  test('a message file copied by hand under another name is a message of its own', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => site.put(letter('original')));
    home.put(letter('original'));
    await exchange(both, stick);
    await assertAgreed(both);
    assert.equal(cabin.count('original'), 2);
  });

  test('the same file name in two folders is two messages', async (t) => {
    const { cabin } = await makeTwins(t, (site) => {
      site.put(letter('copied'), { base: '1600000000.M1P1.copy' });
      site.put(letter('copied'), { base: '1600000000.M1P1.copy', mailbox: 'Archive' });
    });
    assert.equal(cabin.count('copied'), 1);
    assert.equal(cabin.count('copied', 'Archive'), 1);
  });

  test('file names are the same everywhere, for they are what Dovecot knows messages by', async (t) => {
    const { home, cabin } = await makeTwins(t, (site) => {
      const text = letter('as Dovecot names it');
      const wireBytes = text.length + text.split('\n').length - 1;
      site.put(text, { base: `1600000000.M1P1.somewhere,S=${text.length},W=${wireBytes}` });
      site.put(letter('as others name it'), { base: '1600000001.1234_1.elsewhere' });
    });
    const bases = (site: Site): string[] =>
      viewMaildir(site.maildir)
        .INBOX?.messages.map(({ base }) => base)
        .sort() ?? [];
    assert.deepEqual(bases(cabin), bases(home));
  });

  test('mail stays new until somebody has looked at it', async (t) => {
    const { home, cabin, stick, both } = await makeTwins(t, (site) => site.put(letter('seen'), { flags: 'S' }));
    home.deliver(letter('unseen'));
    await exchange(both, stick);
    for (const site of both) assert.equal(readdirSync(join(site.maildir, 'new')).length, 1, site.name);
    assert.equal(cabin.count('unseen'), 1);
  });
});
