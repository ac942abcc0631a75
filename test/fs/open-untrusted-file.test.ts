import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createFile, privateCustody, replacedBy, replaceFile, temporaryName } from '../../src/fs/durable-write.js';
import {
  appendUntrusted,
  copyUntrusted,
  type FileKind,
  fillUntrusted,
  lookAt,
  openUntrusted,
  openUntrustedHandle,
  readOpened,
  readUntrusted,
  removeName,
  UnusableFile,
} from '../../src/fs/open-untrusted-file.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-untrusted-'));
const pathOf = (name: string): string => join(directory, name);
const isRoot = process.getuid?.() === 0;
const own = process.getuid?.() ?? 0;
const nobody = 65534;
const bytesMax = 1000;

function isKind(kind: FileKind): (error: unknown) => boolean {
  return (error) => error instanceof UnusableFile && error.code === 'EFTYPE' && error.kind === kind;
}

describe('what others may have prepared', () => {
  after(() => rmSync(directory, { recursive: true }));

  const made: readonly (readonly [FileKind, string])[] = [
    ['directory', pathOf('directory')],
    ['pipe', pathOf('pipe')],
    ['socket', pathOf('socket')],
    ['device', '/dev/zero'],
    ['link', pathOf('link')],
    ['link', pathOf('loop')],
    ['link', pathOf('dangling')],
    ['link', pathOf('to-device')],
  ];

  it('is opened without waiting where it is a file, and else not at all, whatever is to be done with it', async () => {
    mkdirSync(pathOf('directory'));
    execFileSync('mkfifo', [pathOf('pipe')]);
    writeFileSync(pathOf('file'), 'content');
    symlinkSync('file', pathOf('link'));
    symlinkSync('loop', pathOf('loop'));
    symlinkSync('nowhere', pathOf('dangling'));
    symlinkSync('/dev/zero', pathOf('to-device'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(pathOf('socket'), resolve));
    try {
      for (const [kind, path] of made) {
        assert.throws(() => openUntrusted(path, { links: 'refuse' }), isKind(kind), path);
        assert.throws(() => readUntrusted(path, { links: 'refuse', bytesMax }), isKind(kind), path);
        assert.throws(() => appendUntrusted(path, 'more'), isKind(kind), path);
        await assert.rejects(openUntrustedHandle(path, { links: 'refuse' }), isKind(kind), path);
      }
    } finally {
      server.close();
    }
    assert.equal(readFileSync(pathOf('file'), 'utf8'), 'content');
  });

  it('is followed where the user named it, to a file and to nothing else', () => {
    assert.equal(readUntrusted(pathOf('link'), { links: 'follow', bytesMax }).toString(), 'content');
    assert.throws(() => readUntrusted(pathOf('to-device'), { links: 'follow', bytesMax }), isKind('device'));
    assert.throws(() => readUntrusted(pathOf('pipe'), { links: 'follow', bytesMax }), isKind('pipe'));
  });

  it('is followed to the files of one user, by links that this user or root has made', () => {
    assert.equal(readUntrusted(pathOf('link'), { links: { ofOwner: own }, bytesMax }).toString(), 'content');
    assert.throws(() => openUntrusted(pathOf('link'), { links: { ofOwner: own + 1 } }), isKind('link'));
    if (!isRoot) return;
    writeFileSync(pathOf('theirs'), 'theirs');
    chownSync(pathOf('theirs'), nobody, nobody);
    symlinkSync('theirs', pathOf('to-theirs'));
    assert.throws(() => openUntrusted(pathOf('to-theirs'), { links: { ofOwner: own } }), isKind('link'));
    closeSync(openUntrusted(pathOf('to-theirs'), { links: { ofOwner: nobody } }).fd);
    symlinkSync('file', pathOf('by-them'));
    lchownSync(pathOf('by-them'), nobody, nobody);
    assert.throws(() => openUntrusted(pathOf('by-them'), { links: { ofOwner: own } }), isKind('link'));
  });

  it('gets nothing added to it while it has another name, too', () => {
    writeFileSync(pathOf('one name'), 'content');
    appendUntrusted(pathOf('one name'), ' and more');
    linkSync(pathOf('one name'), pathOf('another name'));
    assert.throws(() => appendUntrusted(pathOf('another name'), ' and more'), UnusableFile);
    assert.equal(readFileSync(pathOf('one name'), 'utf8'), 'content and more');
  });

  it('is filled only where it is empty', () => {
    writeFileSync(pathOf('to be filled'), '');
    fillUntrusted(pathOf('to be filled'), 'content');
    assert.throws(() => fillUntrusted(pathOf('to be filled'), 'other'), UnusableFile);
    assert.equal(readFileSync(pathOf('to be filled'), 'utf8'), 'content');
  });

  it('is never read beyond what was allowed', () => {
    writeFileSync(pathOf('full'), Buffer.alloc(bytesMax));
    assert.equal(readUntrusted(pathOf('full'), { links: 'refuse', bytesMax }).length, bytesMax);
    truncateSync(pathOf('full'), 2 ** 40);
    assert.throws(
      () => readUntrusted(pathOf('full'), { links: 'refuse', bytesMax }),
      (error) => error instanceof UnusableFile && error.code === 'EFBIG',
    );
    // Files whose size the system does not say until they are read are read all the same.
    assert.match(readUntrusted('/proc/self/status', { links: 'refuse', bytesMax: 1 << 20 }).toString(), /^Name:/);
    assert.throws(
      () => readUntrusted('/proc/self/status', { links: 'refuse', bytesMax: 10 }),
      (error) => error instanceof UnusableFile && error.code === 'EFBIG',
    );
  });

  it('is absent as files are', () => {
    assert.equal(lookAt(pathOf('none')), null);
    assert.throws(() => openUntrusted(pathOf('none'), { links: 'refuse' }), { code: 'ENOENT' });
  });

  it('is read whole in pieces, and no further once a signal came', async () => {
    const path = pathOf('large');
    const bytes = Buffer.alloc((9 << 20) + 5, 'mail ');
    writeFileSync(path, bytes);
    const read = (how: { readonly bytesMax: number; readonly signal?: AbortSignal }) =>
      readOpened(openUntrusted(path, { links: 'refuse' }), { path, signal: undefined, ...how });
    assert.ok((await read({ bytesMax: bytes.length })).equals(bytes));
    await assert.rejects(read({ bytesMax: bytes.length - 1 }), { code: 'EFBIG' });
    const stopped = new Error('stopped');
    const controller = new AbortController();
    const reading = read({ bytesMax: bytes.length, signal: controller.signal });
    controller.abort(stopped);
    await assert.rejects(reading, stopped);
  });

  it('is copied in pieces, and nothing is left of the copy where a signal came, or where it is larger than expected', async () => {
    const [from, to] = [pathOf('copied'), pathOf('copy')];
    const bytes = Buffer.alloc((9 << 20) + 5, 'mail ');
    writeFileSync(from, bytes);
    const how = { links: 'refuse', bytesMax: bytes.length, custody: privateCustody } as const;
    await copyUntrusted(from, to, how);
    assert.ok(readFileSync(to).equals(bytes));
    await assert.rejects(copyUntrusted(from, to, how), { code: 'EEXIST' });
    rmSync(to);
    const controller = new AbortController();
    const copying = copyUntrusted(from, to, { ...how, signal: controller.signal });
    controller.abort(new Error('stopped'));
    await assert.rejects(copying, { message: 'stopped' });
    await assert.rejects(copyUntrusted(from, to, { ...how, bytesMax: bytes.length - 1 }), { code: 'EFBIG' });
    await assert.rejects(copyUntrusted(pathOf('pipe'), to, how), { code: 'EFTYPE' });
    assert.equal(lookAt(to), null);
    rmSync(from);
  });

  it('loses its name and nothing else; a directory keeps it', () => {
    for (const name of ['link', 'pipe', 'dangling', 'loop', 'to-device', 'none'])
      assert.equal(removeName(pathOf(name)), true, name);
    assert.equal(removeName(pathOf('directory')), false);
    assert.equal(readFileSync(pathOf('file'), 'utf8'), 'content');
    assert.ok(existsSync(pathOf('directory')) && existsSync('/dev/zero'));
  });

  it('is not written to: a new file is made by its own name, and what a link leads to stays', () => {
    writeFileSync(pathOf('private'), 'private');
    for (const name of ['list', `list.mrepl-new`]) symlinkSync('private', pathOf(name));
    replaceFile(pathOf('list'), 'list', privateCustody);
    assert.equal(readFileSync(pathOf('list'), 'utf8'), 'list');
    assert.equal(lookAt(pathOf('list'))?.isFile(), true);
    symlinkSync('private', pathOf('new'));
    assert.throws(() => createFile(pathOf('new'), 'new', privateCustody), { code: 'EEXIST' });
    assert.equal(readFileSync(pathOf('private'), 'utf8'), 'private');
    assert.deepEqual(
      readdirSync(directory).filter((name) => replacedBy(name) === 'list'),
      ['list.mrepl-new'],
    );
  });

  it('cannot foresee the names of temporary files, which are known again', () => {
    const [one, other] = [temporaryName('list'), temporaryName('list')];
    assert.notEqual(one, other);
    assert.equal(replacedBy(one), 'list');
    assert.equal(replacedBy('list.mrepl-newer'), null);
  });
});
