import {
  closeSync,
  constants,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure.js';
import { ifPresent } from '../fs/errno.js';
import type { Catalog } from './interface/catalog.js';
import type { Database } from './sql/database.js';
import { type Backend, configureDatabase, openDatabase } from './sql/open-database.js';
import { kindOf, migrate } from './sql/schema-migrations.js';
import { sqliteFailure } from './sql/sqlite-failure.js';
import { sqliteCatalog } from './sqlite-catalog.js';

/** Copies that are made before it is given up: a run that writes all the time begins a new log every second or so. */
const triesMax = 20;

/** Between two of them, in milliseconds. */
const pauseMs = 50;

/** Bytes of the header of SQLite's write-ahead log. */
const logHeaderBytes = 32;

/**
 * The catalog at `path` as the last commit left it, whoever holds it: a copy, in a directory of its own that is removed
 * when it is closed. What is written into it is written nowhere else. Throws `config` where there is none, `locked`
 * where it changes too quickly to be copied, `store-damaged`, `io`.
 */
export async function openCatalogCopy(path: string, backend?: Backend): Promise<Catalog> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-look-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const copy = join(directory, 'catalog.db');
  let db: Database | undefined;
  try {
    await copyWhole(realpathSync(path), copy);
    db = openDatabase(copy, backend);
    configureDatabase(db, path);
    if (kindOf(db) === 'blank') throw new Failure('config', `the account of ${path} is still being set up`);
    migrate(db);
    return sqliteCatalog(db, path, { lastOwnerDied: false, release: remove });
  } catch (cause) {
    db?.close();
    remove();
    throw sqliteFailure(cause, path);
  }
}

/**
 * Copies a database that another process may be writing, with its write-ahead log. Pages of the database itself change
 * only while SQLite moves there what the log holds, and the log begins anew only when all of it was moved. So the copy
 * is whole where the log after it is still the one from before it: what was moved meanwhile stands in the log, too, and
 * is taken from there. Without a log nothing was written, as long as the file is the same.
 */
async function copyWhole(path: string, copy: string): Promise<void> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const before = stateOf(path);
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
    rmSync(`${copy}-wal`, { force: true });
    ifPresent(() => copyFileSync(`${path}-wal`, `${copy}-wal`, constants.COPYFILE_FICLONE));
    if (before !== null && before === stateOf(path)) return;
    await sleep(pauseMs);
  }
  throw new Failure('locked', 'another mrepl is changing this account too quickly for a look at it', {
    hint: 'Try again when it has ended.',
  });
}

/** What stays the same as long as a copy is whole; null while the file is being set up, or its log begun. */
function stateOf(path: string): string | null {
  const log = ifPresent(() => headerOf(`${path}-wal`));
  if (ifPresent(() => statSync(`${path}-journal`)) !== null) return null;
  if (log !== null && log.length > 0) return log.length < logHeaderBytes ? null : log.toString('hex');
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}

/** The header of a write-ahead log, whose salts are others each time that it begins anew. Empty before that. */
function headerOf(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const header = Buffer.alloc(logHeaderBytes);
    return header.subarray(0, readSync(fd, header, 0, logHeaderBytes, 0));
  } finally {
    closeSync(fd);
  }
}
