import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { initAll } from '../end-to-end/agreement.js';
import { letter, makeSite, type Site, scratch } from '../end-to-end/site.js';
import { pairAll } from '../host.js';

// A stick on which somebody has put all kinds of things under the names that mrepl reads and writes.

type Scene = {
  readonly directory: string;
  readonly home: Site;
  readonly cabin: Site;
  readonly stick: string;
  readonly folder: string;
  readonly marker: string;
};

/** The first exchange has been made from home; the cabin's is to come. */
async function makeScene(t: { after(clean: () => void): void }): Promise<Scene> {
  const directory = scratch(t);
  const [home, cabin] = [makeSite(directory, 'home'), makeSite(directory, 'cabin')];
  const stick = join(directory, 'stick');
  mkdirSync(stick);
  home.put(letter('from home'));
  await initAll([home, cabin], []);
  await pairAll([home, cabin]);
  await home.mrepl('export', stick);
  const marker = join(stick, 'mrepl', 'medium.id');
  return { directory, home, cabin, stick, folder: join(stick, 'mrepl', 'alice'), marker };
}

const oddities: ReadonlyMap<string, (path: string) => void> = new Map([
  ['a FIFO', (path: string) => void execFileSync('mkfifo', [path])],
  ['a device', (path: string) => void execFileSync('mknod', [path, 'c', '1', '5'])],
  ['a link to a device', (path: string) => symlinkSync('/dev/zero', path)],
  ['a link that leads in a circle', (path: string) => symlinkSync(path, path)],
  ['a link that leads nowhere', (path: string) => symlinkSync(`${path}-not`, path)],
  ['a directory', (path: string) => mkdirSync(path)],
  [
    'a sparse file of 8 GB',
    (path: string) => {
      writeFileSync(path, '');
      truncateSync(path, 8 * 2 ** 30);
    },
  ],
  [
    'a sparse file of 8 GB that begins like a bundle',
    (path: string) => {
      writeFileSync(path, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 0, 1, 2, 3]));
      truncateSync(path, 8 * 2 ** 30);
    },
  ],
]);

const isRoot = process.getuid?.() === 0;
const made = [...oddities].filter(([name]) => name !== 'a device' || isRoot);

test('whatever is in the place of the id of a stick is not read, and makes room for one unless it is a directory', async (t) => {
  const { home, cabin, stick, marker } = await makeScene(t);
  for (const [name, make] of made) {
    rmSync(marker, { recursive: true });
    make(marker);
    home.put(letter(`beside ${name}`));
    if (name === 'a directory') {
      const { status, err } = await home.run('export', stick);
      assert.equal(status, 73);
      assert.match(err, /medium\.id: a directory has that name/);
      rmSync(marker, { recursive: true });
    } else {
      assert.match(await cabin.mrepl('import', stick), /nothing new|new message/, name);
    }
    await home.mrepl('export', stick);
    assert.match(readFileSync(marker, 'utf8'), /^[0-9a-f]{32}\n$/);
    assert.match(await cabin.mrepl('sync', stick), /new message/, name);
  }
});

test('whatever has the name of a bundle is told of, and the others are taken', async (t) => {
  const { home, cabin, stick, folder } = await makeScene(t);
  const path = join(folder, 'attic-000001.tar.zst');
  for (const [name, make] of made) {
    make(path);
    home.put(letter(`beside ${name}`));
    await home.mrepl('export', stick);
    const { status, out, err } = await cabin.run('import', stick);
    assert.equal(status, 3, out + err);
    assert.match(out, /new message/);
    const again = await cabin.run('import', stick);
    assert.ok(again.status === 74 || again.status === 65, again.out + again.err);
    for (const said of [err, again.err]) assert.match(said, /attic-000001\.tar\.zst/);
    const named = await cabin.run('import', path);
    assert.notEqual(named.status, 0);
    assert.doesNotMatch(named.err, /internal|unexpected/);
    assert.ok(lstatSync(path), 'it stays as it is');
    rmSync(path, { recursive: true });
  }
});

for (const suffix of ['', '.age', '.part', '.age.part']) {
  test(`whatever has the name of the next bundle with "${suffix}" does not keep it from being written`, async (t) => {
    const { home, cabin, stick, folder } = await makeScene(t);
    for (const [index, [name, make]] of made.entries()) {
      make(join(folder, `home-${String(index + 2).padStart(6, '0')}.tar.zst${suffix}`));
      home.put(letter(`beside ${name}`));
      await home.mrepl('export', stick);
    }
    const { out } = await cabin.run('import', stick);
    assert.match(out, new RegExp(`${made.length + 1} new messages`));
  });
}

describe('a folder of ours', () => {
  for (const [which, below] of [
    ['of the account', 'alice'],
    ['of all accounts', '.'],
  ] as const) {
    test(`${which} that is a link into somebody's mail is not used`, async (t) => {
      const { home, cabin, stick } = await makeScene(t);
      home.put(letter('second from home'));
      const folder = join(stick, 'mrepl', below);
      rmSync(folder, { recursive: true });
      const cur = join(cabin.maildir, 'cur');
      symlinkSync(cur, folder);
      const before = readdirSync(cur);
      for (const site of [home, cabin]) {
        for (const args of [['export'], ['import'], ['pair'], ['sync']]) {
          const { status, err } = await site.run(...args, stick);
          assert.equal(status, 73, `${args}: ${err}`);
          assert.match(err, /is a symbolic link, which is not followed here/);
        }
      }
      assert.deepEqual(readdirSync(cur), before);
      assert.equal(readlinkSync(folder), cur);
    });
  }

  test('that is a file is a sentence', async (t) => {
    const { cabin, stick, folder } = await makeScene(t);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    const { status, err } = await cabin.run('export', stick);
    assert.equal(status, 73);
    assert.match(err, /alice: it is a file, and has to be a directory/);
  });
});

test('whatever has the name of a card is told of, and the others are taken up', async (t) => {
  const { home, cabin, stick, folder } = await makeScene(t);
  for (const [index, [, make]] of made.entries()) make(join(folder, `attic-${index}.card`));
  for (const name of ['cabin.card', 'cabin.card.part', 'cabin-2.card.part']) mkdirSync(join(folder, name));
  await home.run('pair', stick, '--yes');
  const { out, err } = await cabin.run('pair', stick, '--yes');
  for (const index of made.keys()) assert.match(out + err, new RegExp(`attic-${index}\\.card`));
  assert.doesNotMatch(err, /internal|unexpected/);
  assert.ok(existsSync(join(folder, 'cabin-3.card')));
});

test('what is nothing is told of again without being read, as long as it is the same', async (t) => {
  const { cabin, stick, folder } = await makeScene(t);
  const path = join(folder, 'attic-000001.tar.zst');
  writeFileSync(path, 'no bundle at all');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const first = await cabin.run('import', stick);
  const reads = `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
const { openSync } = fs; const { open } = fs.promises;
const see = (path) => { if (String(path) === ${JSON.stringify(path)}) console.error('OPENED'); };
fs.openSync = (path, ...rest) => { see(path); return openSync(path, ...rest); };
fs.promises.open = (path, ...rest) => { see(path); return open(path, ...rest); };
syncBuiltinESMExports();`;
  const hook = join(stick, 'hook.mjs');
  writeFileSync(hook, reads);
  const run = (): string => {
    const env = { ...process.env, ...cabin.env, NODE_OPTIONS: `--import ${hook}` };
    const program = join(import.meta.dirname, '../../../bin/mrepl.js');
    try {
      return execFileSync(process.execPath, [program, 'import', stick], { env, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return stdout + stderr;
    }
  };
  const second = run();
  assert.doesNotMatch(second, /OPENED/);
  assert.match(second, /attic-000001\.tar\.zst/);
  assert.match(first.out + first.err, /attic-000001\.tar\.zst/);
  writeFileSync(path, 'something else');
  assert.match(run(), /OPENED/);
});

test('of thousands of files that are nothing some are named, and the rest is counted', async (t) => {
  const { cabin, stick, folder } = await makeScene(t);
  for (let n = 0; n < 3000; n++) writeFileSync(join(folder, `attic-${String(n).padStart(6, '0')}.tar.zst`), '');
  for (const expected of [/1 new message/, /./]) {
    const { status, out, err } = await cabin.run('import', stick);
    assert.notEqual(status, 0);
    assert.match(out, expected);
    assert.match(out + err, /besides those named, 2992 that have the name of one are none/);
    assert.ok((out + err).split('\n').length < 1000);
  }
});
