import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readImage } from '../crash/image.js';
import { mreplProgram } from '../host.js';
import { assertAgreed, exchange, initAll } from './agreement.js';
import { letter, makeSite, type Site } from './site.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';

// A write-protected stick, or a disk that the system has found damaged: directories that are mounted so for one run of the cabin.

describe('what can only be read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-read-only-'));
  const [stick, aside] = [join(directory, 'stick'), join(directory, 'aside')];
  const ends: (() => void)[] = [() => rmSync(directory, { recursive: true })];
  let disk: SmallDisk;
  let home: Site;
  let cabin: Site;
  let rounds = 0;

  before(async () => {
    for (const path of [stick, aside]) mkdirSync(path);
    disk = await mountSmallDisk({ after: (end) => void ends.unshift(end) }, aside); // for its namespace
    home = makeSite(directory, 'home', { uidList: true });
    cabin = makeSite(directory, 'cabin', { uidList: true, program: disk.command(mreplProgram) });
    home.put(letter('from home 0.'), { mailbox: 'Work' });
    await initAll([home, cabin]);
    await exchange([home, cabin], stick);
  });
  after(() => ends.forEach((end) => void end()));

  /** Something new at both hosts; the cabin does not know yet what there is at home. */
  const live = async (): Promise<void> => {
    rounds++;
    home.expunge(`from home ${rounds - 1}.`, 'Work');
    home.put(letter(`from home ${rounds}.`), { mailbox: 'Work' });
    await home.mrepl('sync', stick);
    cabin.put(letter(`from the cabin ${rounds}.`), { mailbox: 'Work' });
  };

  /** Runs mrepl while the directory can only be read; nothing in it may change. */
  const readingOnly = async (place: string, ...args: readonly string[]): Promise<{ status: number; err: string }> => {
    const image = readImage(place);
    disk.run('mount', '--bind', place, place);
    disk.run('mount', '-o', 'remount,bind,ro', place);
    const { status, err } = await cabin.run(...args);
    disk.run('umount', place);
    assert.deepEqual(readImage(place), image);
    return { status, err };
  };

  const assertMadeGood = async (): Promise<void> => {
    await exchange([cabin, home], stick);
    await assertAgreed([home, cabin]);
    for (const site of [home, cabin]) {
      assert.equal(site.count('from home ', 'Work'), 1);
      assert.equal(site.count('from the cabin ', 'Work'), rounds);
    }
  };

  test('a stick is imported from, and what could not be written is said', async () => {
    await live();
    for (const command of ['export', 'pair']) {
      const { status, err } = await readingOnly(stick, command, stick);
      assert.equal(status, 73, err);
      assert.match(err, /it can only be read; nothing was changed/);
    }
    const { status, err } = await readingOnly(stick, 'sync', stick);
    assert.equal(status, 3, err);
    assert.match(err, /it can only be read; nothing was changed/);
    assert.equal(cabin.count('from home 1.', 'Work'), 1);
    await assertMadeGood();
  });

  test('of a store it is said, and the next run makes it good', async () => {
    await live();
    const { status, err } = await readingOnly(cabin.maildir, 'sync', stick);
    assert.ok([3, 73, 74].includes(status), `${status}: ${err}`);
    assert.match(err, /can only be read|EROFS|read-only/i);
    await assertMadeGood();
  });

  test('with a catalog nothing is done at all', async () => {
    await live();
    const [mail, bundles] = [readImage(cabin.maildir), readdirSync(join(stick, 'mrepl', 'alice'))];
    for (const command of ['import', 'export']) {
      const { status, err } = await readingOnly(join(cabin.data, 'mrepl'), command, stick);
      assert.ok([73, 74].includes(status), `${status}: ${err}`);
      assert.match(err, /can only be read|EROFS|read-only/i);
    }
    assert.deepEqual(readImage(cabin.maildir), mail);
    assert.deepEqual(readdirSync(join(stick, 'mrepl', 'alice')), bundles);
    await assertMadeGood();
  });
});
