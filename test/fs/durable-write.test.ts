import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Failure } from '../../src/failure.js';
import {
  createFile,
  createLargeFile,
  pieceBytes,
  privateCustody,
  replacedBy,
  replaceFile,
  replaceLargeFile,
  syncFileSystems,
} from '../../src/fs/durable-write.js';
import { errnoOf, ifPresent } from '../../src/fs/errno.js';

const directory = mkdtempSync(join(tmpdir(), 'mrepl-files-'));
const pathOf = (name: string): string => join(directory, name);

describe('files', () => {
  after(() => rmSync(directory, { recursive: true }));

  it('are replaced whole, with nothing left beside them', () => {
    for (const content of ['first', Buffer.from('second, longer'), '']) {
      replaceFile(pathOf('a'), content, privateCustody);
      assert.equal(readFileSync(pathOf('a'), 'utf8'), content.toString());
    }
    assert.equal(statSync(pathOf('a')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['a']);
    rmSync(pathOf('a'));
  });

  it('keep their content where the new one cannot be written', () => {
    writeFileSync(pathOf('old'), 'old');
    writeFileSync(pathOf('file'), '');
    assert.throws(() => replaceFile(join(pathOf('file'), 'below'), 'new', privateCustody));
    assert.throws(() => replaceFile(directory, 'new', privateCustody), 'a directory is not replaced');
    assert.equal(readFileSync(pathOf('old'), 'utf8'), 'old');
    assert.deepEqual(
      readdirSync(dirname(directory)).filter((name) => replacedBy(name) === basename(directory)),
      [],
    );
    for (const name of ['old', 'file']) rmSync(pathOf(name));
  });

  it('are created only where there is none, with the mode asked for whatever the umask', () => {
    createFile(pathOf('b'), 'b', { ...privateCustody, fileMode: 0o664 });
    assert.equal(statSync(pathOf('b')).mode & 0o777, 0o664);
    assert.throws(
      () => createFile(pathOf('b'), 'c', privateCustody),
      (error) => errnoOf(error) === 'EEXIST',
    );
    assert.equal(readFileSync(pathOf('b'), 'utf8'), 'b');
    rmSync(pathOf('b'));
  });

  it('that are large are written in pieces, and nothing is left of them where a signal came', async () => {
    const [old, large] = [Buffer.from('old'), Buffer.alloc(2 * pieceBytes + 5, 'mail ')];
    const custody = { ...privateCustody, fileMode: 0o640 };
    const path = pathOf('large');
    const writers = [createLargeFile, replaceLargeFile];
    for (const [at, write] of writers.entries()) {
      await write(path, large, { custody });
      assert.ok(readFileSync(path).equals(large));
      assert.equal(statSync(path).mode & 0o777, 0o640);
      if (at === 0) await assert.rejects(write(path, large, { custody }), { code: 'EEXIST' });
      rmSync(path);
    }
    for (const [at, write] of writers.entries()) {
      if (at === 1) writeFileSync(path, old);
      const controller = new AbortController();
      const writing = write(path, large, { custody, signal: controller.signal });
      controller.abort(new Error('stopped'));
      await assert.rejects(writing, { message: 'stopped' });
      assert.deepEqual(readdirSync(directory), at === 1 ? ['large'] : []);
    }
    assert.equal(readFileSync(path, 'utf8'), 'old');
    rmSync(path);
  });

  it('that are not there are null, other trouble is not', () => {
    assert.equal(
      ifPresent(() => readFileSync(pathOf('none'))),
      null,
    );
    assert.throws(() => ifPresent(() => readFileSync(directory)), 'EISDIR is not absence');
  });

  it('are synced by one program, or one by one where there is no such program', async () => {
    writeFileSync(pathOf('c'), 'c');
    await syncFileSystems([directory], [pathOf('c'), pathOf('gone')]);
    const { PATH } = process.env;
    try {
      process.env.PATH = pathOf('no-programs');
      await syncFileSystems([directory], [pathOf('c'), pathOf('gone')]);
      await assert.rejects(syncFileSystems([pathOf('\0')], []), 'a path that cannot be synced is not passed over');
    } finally {
      process.env.PATH = PATH;
    }
  });

  it('say when the disk failed', async () => {
    const programs = mkdtempSync(join(tmpdir(), 'mrepl-sync-'));
    writeFileSync(
      join(programs, 'sync'),
      '#!/bin/sh\necho "sync: error syncing \'/x\': Input/output error" >&2\nexit 1\n',
    );
    chmodSync(join(programs, 'sync'), 0o755);
    const { PATH } = process.env;
    try {
      process.env.PATH = programs;
      await assert.rejects(
        syncFileSystems([directory], []),
        (error) => error instanceof Failure && error.code === 'io',
      );
    } finally {
      process.env.PATH = PATH;
      rmSync(programs, { recursive: true });
    }
  });
});
