import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../src/failure.js';
import { mediumFailure } from '../../src/medium/medium-failure.js';
import { seeMedium } from '../../src/medium/medium-identity.js';
import {
  bundleFileName,
  isMountPoint,
  legalName,
  listMedium,
  partsOf,
  removeFiles,
} from '../../src/medium/name-and-list-bundle-files.js';
import { prepareMedium } from '../../src/medium/prepare-directory.js';
import { writeBundleFile } from '../../src/medium/write-file-to-medium.js';

const id = '0123456789abcdef'.repeat(2);
const newId = (): string => id;

function scratch(t: { after(clean: () => void): void }): string {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-medium-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('names on a stick', () => {
  test('are what FAT, exFAT and NTFS keep as it is', () => {
    const names = [
      'alice',
      'Alice Müller',
      'a:b?c*d"e<f>g|h',
      'x.',
      '.hidden',
      '受信',
      '',
      'CON',
      'a'.repeat(200),
      '../../etc',
      'a\u001b[2J',
    ];
    for (const name of names) {
      const legal = legalName(name);
      assert.match(legal, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      assert.ok(legal.length <= 42);
      assert.notEqual(legal, 'con');
      assert.equal(legalName(legal), legal);
    }
    assert.equal(legalName('Alice Müller'), 'alice-mu-ller');
  });

  test('give the sender and the number, and another one where that is taken', () => {
    assert.equal(bundleFileName('home', 42, { isSealed: false }), 'home-000042.tar.zst');
    assert.equal(bundleFileName('home', 1_234_567, { isSealed: false }), 'home-1234567.tar.zst');
    const taken = new Set(['home-000042.tar.zst', 'home-000042-2.tar.zst.age']);
    assert.equal(bundleFileName('home', 42, { isSealed: false, taken }), 'home-000042-3.tar.zst');
    assert.equal(bundleFileName('home', 42, { isSealed: true, taken }), 'home-000042-3.tar.zst.age');
  });
});

describe('a directory', () => {
  test('gets a folder, a note for whoever finds it, and an id that stays', async (t) => {
    const directory = scratch(t);
    assert.equal(await listMedium(directory, 'alice'), null);
    const made = prepareMedium(seeMedium(directory), 'alice', newId);
    assert.deepEqual(made, { folder: join(directory, 'mrepl', 'alice'), id });
    assert.match(readFileSync(join(directory, 'mrepl', 'README.txt'), 'utf8'), /zstd -dc/);
    assert.deepEqual(
      prepareMedium(seeMedium(directory), 'alice', () => 'f'.repeat(32)),
      made,
    );
    assert.deepEqual(await listMedium(directory, 'alice'), {
      ...{ bundles: [], unusable: [], names: new Set(), accounts: ['alice'], id },
    });
    assert.deepEqual(readdirSync(directory), ['mrepl'], 'nothing lies beside the folder');
  });

  test('with a marker that was cut short gets a new one', async (t) => {
    const directory = scratch(t);
    prepareMedium(seeMedium(directory), 'alice', newId);
    writeFileSync(join(directory, 'mrepl', 'medium.id'), '');
    assert.equal((await listMedium(directory, 'alice'))?.id, null);
    const other = 'f'.repeat(32);
    assert.equal(prepareMedium(seeMedium(directory), 'alice', () => other).id, other);
    assert.equal((await listMedium(directory, 'alice'))?.id, other);
  });

  test('lists the bundles of one account, and names the other accounts', async (t) => {
    const directory = scratch(t);
    const { folder } = prepareMedium(seeMedium(directory), 'alice', newId);
    prepareMedium(seeMedium(directory), 'bob', newId);
    for (const name of ['home-000002.tar.zst', 'home-000001.tar.zst', 'home-000003.tar.zst.part', 'notes.txt']) {
      writeFileSync(join(folder, name), name);
    }
    mkdirSync(join(folder, 'folder.tar.zst'));
    const listing = await listMedium(directory, 'alice');
    assert.deepEqual(
      listing?.bundles.map(({ fileName, sizeBytes }) => [fileName, sizeBytes]),
      [
        ['home-000001.tar.zst', 19],
        ['home-000002.tar.zst', 19],
      ],
    );
    assert.deepEqual([...(listing?.accounts ?? [])].sort(), ['alice', 'bob']);
    assert.deepEqual((await listMedium(directory, 'carol'))?.bundles, []);
  });

  test('that is not there is not made', async (t) => {
    const directory = join(scratch(t), 'stick');
    await assert.rejects(listMedium(directory, 'alice'), { code: 'medium-absent' });
    assert.throws(() => prepareMedium(seeMedium(directory), 'alice', newId), { code: 'medium-absent' });
    assert.equal(existsSync(directory), false);
    writeFileSync(directory, '');
    await assert.rejects(listMedium(directory, 'alice'), { code: 'medium-absent' });
  });

  test('loses only the bundles named, and half-written ones of its own host', (t) => {
    const directory = scratch(t);
    const { folder } = prepareMedium(seeMedium(directory), 'alice', newId);
    const own = ['home-000003.tar.zst.part', 'home-000003-2.tar.zst.part'];
    const others = ['home-office-000001.tar.zst.part', 'cabin-000001.tar.zst.part', 'home-000001.tar.zst'];
    for (const name of [...own, ...others, 'home-000002.tar.zst']) writeFileSync(join(folder, name), '');
    assert.deepEqual(partsOf(folder, ['home']).sort(), [...own].sort());
    removeFiles(folder, [...partsOf(folder, ['home']), 'home-000002.tar.zst', 'home-000009.tar.zst']);
    assert.deepEqual(readdirSync(folder).sort(), [...others].sort());
  });

  test('is known for a device of its own', (t) => {
    assert.equal(isMountPoint(scratch(t)), false);
    assert.equal(isMountPoint('/proc'), true);
    assert.equal(isMountPoint('/no/such/place'), false);
  });
});

describe('a bundle file', () => {
  const bytes = Buffer.alloc(3_000_001, 'bundle ');
  const produce = async (sink: { write(chunk: Uint8Array): Promise<void> }): Promise<string> => {
    for (let at = 0; at < bytes.length; at += 700_000) await sink.write(bytes.subarray(at, at + 700_000));
    return 'receipt';
  };

  test('is there under its name, whole, and nothing beside it', async (t) => {
    const path = join(scratch(t), 'home-000001.tar.zst');
    const { result, file } = await writeBundleFile(path, produce);
    assert.equal(result, 'receipt');
    assert.equal(typeof file.isReadFromDevice, 'boolean');
    assert.ok(readFileSync(path).equals(bytes));
    assert.deepEqual(readdirSync(join(path, '..')), ['home-000001.tar.zst']);
  });

  test('may be read by whoever may look into its directory', async (t) => {
    const directory = scratch(t);
    const before = process.umask(0o022);
    t.after(() => process.umask(before));
    for (const [mode, expected] of [
      [0o755, 0o644],
      [0o700, 0o600],
      [0o777, 0o644],
    ] as const) {
      const folder = join(directory, mode.toString(8));
      mkdirSync(folder);
      execFileSync('chmod', [mode.toString(8), folder]);
      await writeBundleFile(join(folder, 'a'), produce);
      assert.equal(statSync(join(folder, 'a')).mode & 0o777, expected);
    }
  });

  test('replaces no other, and leaves none behind when it cannot be finished', async (t) => {
    const directory = scratch(t);
    const path = join(directory, 'home-000001.tar.zst');
    writeFileSync(path, 'old');
    await assert.rejects(writeBundleFile(path, produce), { code: 'cannot-create' });
    const other = join(directory, 'home-000002.tar.zst');
    const failing = new Failure('interrupted', 'stopped');
    const broken = writeBundleFile(other, async (sink) => {
      await sink.write(bytes);
      throw failing;
    });
    await assert.rejects(broken, failing);
    const overtaken = writeBundleFile(other, async (sink) => {
      await produce(sink);
      writeFileSync(other, 'somebody was faster');
    });
    await assert.rejects(overtaken, { code: 'cannot-create' });
    assert.equal(readFileSync(other, 'utf8'), 'somebody was faster');
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.deepEqual(readdirSync(directory).sort(), ['home-000001.tar.zst', 'home-000002.tar.zst']);
  });

  test('that comes back other than it was written is removed again', async (t) => {
    const directory = scratch(t);
    const path = join(directory, 'home-000001.tar.zst');
    const altered = writeBundleFile(path, async (sink) => {
      await produce(sink);
      const part = readFileSync(`${path}.part`);
      part[1_500_000] = (part[1_500_000] ?? 0) ^ 1;
      writeFileSync(`${path}.part`, part);
    });
    await assert.rejects(altered, { code: 'io', message: /read back/ });
    assert.deepEqual(readdirSync(directory), []);
  });

  test('that is larger than may be leaves nothing, and says so', async (t) => {
    const directory = scratch(t);
    const program = `
      import { writeBundleFile } from ${JSON.stringify(fileURLToPath(new URL('../../src/medium/write-file-to-medium.js', import.meta.url)))};
      try {
        await writeBundleFile(process.argv[1], (sink) => sink.write(Buffer.alloc(3_000_000)));
      } catch (error) {
        console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint }));
      }`;
    const script = 'trap "" XFSZ; ulimit -f 1000; exec "$0" --input-type=module -e "$1" "$2"';
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', script, process.execPath, program, join(directory, 'a.tar.zst')],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(stderr, '');
    const said = JSON.parse(stdout) as { code: string; message: string; hint: string };
    assert.equal(said.code, 'medium-full');
    assert.match(said.hint, /exFAT/);
    assert.deepEqual(readdirSync(directory), []);
  });

  test('in a directory that is not there says so', async (t) => {
    const path = join(scratch(t), 'gone', 'a.tar.zst');
    await assert.rejects(writeBundleFile(path, produce), { code: 'medium-lost' });
  });
});

test('what a stick says is told by its kind', () => {
  const codeOf = (errno: string): string =>
    mediumFailure('writing x', Object.assign(new Error(errno), { code: errno })).code;
  for (const errno of ['ENOSPC', 'EDQUOT', 'EFBIG']) assert.equal(codeOf(errno), 'medium-full');
  for (const errno of ['EIO', 'ENODEV', 'ENXIO', 'ENOTCONN', 'ENOENT']) assert.equal(codeOf(errno), 'medium-lost');
  for (const errno of ['EACCES', 'EPERM', 'EROFS']) assert.equal(codeOf(errno), 'cannot-create');
  assert.equal(codeOf('ELOOP'), 'io');
  const own = new Failure('guard', 'own');
  assert.equal(mediumFailure('writing x', own), own);
});
