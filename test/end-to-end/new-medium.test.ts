import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { letter, makeSite, type Site, scratch } from './site.js';

async function scene(t: { after(clean: () => void): void }): Promise<{ home: Site; stick: string }> {
  const directory = scratch(t);
  const home = makeSite(directory, 'home');
  home.put(letter('from home'));
  await home.mrepl('init', home.store, '--name', 'home');
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  return { home, stick };
}

describe('a directory becomes a medium', () => {
  test('the first time, and a line and the JSON say so', async (t) => {
    const { home, stick } = await scene(t);
    assert.match(
      await home.mrepl('export', '--plain', '--dry-run', stick),
      /stick would become a medium: bundles would lie in \S*stick\/mrepl/,
    );
    assert.match(
      await home.mrepl('pair', stick),
      /stick is a medium from now on: what is carried lies in \S*stick\/mrepl/,
    );
    assert.doesNotMatch(await home.mrepl('pair', stick), /medium from now on/);
    assert.doesNotMatch(await home.mrepl('export', '--plain', stick), /medium from now on/);
    for (const [name, command] of [
      ['a', 'export'],
      ['b', 'sync'],
    ] as const) {
      const other = join(stick, '..', name);
      mkdirSync(other);
      const lines = await home.json(command, '--plain', other);
      assert.equal(lines.find(({ kind }) => kind === 'export')?.newMedium, true, command);
    }
    const last = join(stick, '..', 'c');
    mkdirSync(last);
    assert.match(
      await home.mrepl('sync', '--plain', `${last}/`),
      /is a medium from now on: what is carried lies in \S*c\/mrepl\./,
    );
  });

  test('not where it is the home directory or within mail, unless --new-medium says so', async (t) => {
    const { home } = await scene(t);
    const inside = join(home.maildir, 'stick');
    const deeper = join(home.maildir, 'tmp', 'deep', 'stick');
    const strange = join(home.home, 'other', 'cur', 'stick');
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(home.home, 'other', part), { recursive: true });
    for (const place of [inside, deeper, strange]) mkdirSync(place, { recursive: true });
    for (const place of [home.home, inside, deeper, strange]) {
      for (const args of [['pair'], ['export', '--plain'], ['export', '--plain', '-n'], ['sync', '--plain']]) {
        const { status, err } = await home.run(...args, '--yes', place);
        assert.equal(status, 64, `${args.join(' ')} ${place}`);
        assert.match(err, /no medium yet; nothing was changed\nhint: [^\n]*--new-medium/);
        assert.equal(existsSync(join(place, 'mrepl')), false);
      }
    }
    assert.match(await home.mrepl('pair', home.home, '--new-medium'), /is a medium from now on/);
    await home.mrepl('sync', home.home, '--plain'); // it is one now
    await home.mrepl('export', '--plain', '--new-medium', inside);
    await home.mrepl('sync', '--plain', '--new-medium', strange);
  });

  test('not the root, nor what sticks are mounted in', async (t) => {
    const { home } = await scene(t);
    for (const place of ['/', '/mnt']) {
      if (!existsSync(place)) continue;
      const { status, err } = await home.run('export', '--plain', '-n', place);
      assert.equal(status, 64, place);
      assert.match(err, /nothing was changed\nhint: .*--new-medium/);
    }
  });
});
