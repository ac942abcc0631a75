import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { initAll } from './agreement.js';
import { letter, makeSite, type Site, scratch } from './site.js';

const bundle = 'home-000001.tar.zst.age';

async function exported(t: {
  after(clean: () => void): void;
}): Promise<{ home: Site; cabin: Site; stick: string; folder: string }> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  await initAll([home, cabin]);
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('from home'));
  await home.mrepl('export', stick);
  return { home, cabin, stick, folder: join(stick, 'mrepl', 'alice') };
}

describe('a bundle that was renamed', () => {
  for (const name of [
    'home-000001.tar.zst (1).age',
    'home-000001.tar.zst.sync-conflict-20260101-101010-ABCDEF7.age',
    'HOME-000001.TAR.ZST.AGE',
    'home-000001.tar.zst.age.txt',
    'mail from home',
  ]) {
    test(`to ${name} is taken, and verified`, async (t) => {
      const { cabin, stick, folder } = await exported(t);
      renameSync(join(folder, bundle), join(folder, name));
      assert.match(await cabin.mrepl('verify', stick), /intact/);
      assert.match(await cabin.mrepl('import', stick), /imported 1 bundle from home/);
      assert.equal(cabin.count('from home'), 1);
    });
  }

  test('is taken once where it lies there under its own name, too', async (t) => {
    const { cabin, stick, folder } = await exported(t);
    copyFileSync(join(folder, bundle), join(folder, 'home-000001.tar.zst (1).age'));
    assert.match(await cabin.mrepl('sync', stick), /imported 1 bundle from home/);
  });
});

describe('in the top of a directory', () => {
  test('a bundle is taken', async (t) => {
    const { cabin, folder } = await exported(t);
    const downloads = join(cabin.home, 'Downloads');
    mkdirSync(downloads);
    copyFileSync(join(folder, bundle), join(downloads, 'home-000001.tar.zst(1).age'));
    assert.match(await cabin.mrepl('import', downloads), /imported 1 bundle from home/);
  });

  test('a damaged one is named, and files of others are no matter', async (t) => {
    const { cabin, folder } = await exported(t);
    const downloads = join(cabin.home, 'Downloads');
    mkdirSync(downloads);
    writeFileSync(join(downloads, 'backup-20260101.tar.zst'), Buffer.from('28b52ffd200568656c6c6f', 'hex'));
    writeFileSync(join(downloads, 'secrets.age'), 'age-encryption.org/v1\n-> scrypt x 18\nabc\n--- abc\n');
    assert.equal((await cabin.run('import', downloads)).err, '');
    writeFileSync(join(downloads, 'home-000001.tar.zst(1).age'), readFileSync(join(folder, bundle)).subarray(0, 800));
    const { status, err } = await cabin.run('import', downloads);
    assert.notEqual(status, 0);
    assert.match(err, /home-000001\.tar\.zst\(1\)\.age/);
  });
});

test('a card that was renamed is found', async (t) => {
  const { home, cabin, stick, folder } = await exported(t);
  await home.mrepl('pair', stick);
  renameSync(join(folder, 'home.card'), join(folder, 'HOME.CARD.txt'));
  assert.match(await cabin.mrepl('pair', stick), /home +\S+ +paired before/);
});
