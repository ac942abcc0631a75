import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../failure.js';
import { ifPresent, syncPath } from '../files.js';
import type { Catalog, Identity } from './catalog.js';
import { lockFor } from './owner-lock.js';
import { kindOf, migrate } from './schema.js';
import { type Backend, type Database, openDatabase } from './sqlite.js';
import { sqliteCatalog, writeIdentity } from './sqlite-catalog.js';
import { sqliteFailure } from './sqlite-failure.js';

export type OpenOptions = {
  /** How long to wait for another run on this account to end, in milliseconds; 0 fails at once. */
  readonly waitMs: number;
  /** Milliseconds since 1970; only for telling others since when this run has the lock. */
  readonly now?: () => number;
  readonly signal?: AbortSignal;
  /** Which SQLite; without it the native one where this Node has it. */
  readonly backend?: Backend;
};

/**
 * Opens the catalog at `path`, which `createCatalog` has made, and holds it against every other process until `close`.
 * Brings an older schema up to date. Throws `config` (no such account, newer version), `locked`, `store-damaged`, `io`.
 */
export async function openCatalog(path: string, options: OpenOptions): Promise<Catalog> {
  // Asked before the lock too, so that a lock is not laid into a directory that is none of ours.
  if (!isThere(path)) throw absent(path);
  return whileLocked(path, options, (db, release) => {
    if (kindOf(db) === 'blank') throw absent(path);
    migrate(db);
    return sqliteCatalog(db, path, release);
  });
}

/**
 * Makes the catalog of a new account, and its directory (only for this user) where there is none. Either all of it is there
 * afterwards or, after a crash, none: then it may be called again. Throws `cannot-create` where there is one already, and
 * as `openCatalog`.
 */
export async function createCatalog(
  path: string,
  identity: Identity,
  options: OpenOptions = { waitMs: 0 },
): Promise<Catalog> {
  makePrivateDirectory(dirname(path));
  return whileLocked(path, options, (db, release) => {
    if (kindOf(db) !== 'blank') {
      throw new Failure('cannot-create', `the account ${identity.account} is set up already: ${path} exists`, {
        hint: 'See `mrepl status`, or choose another name with --account.',
      });
    }
    migrate(db, { finish: () => writeIdentity(db, identity) });
    syncPath(dirname(path));
    return sqliteCatalog(db, path, release);
  });
}

async function whileLocked(
  path: string,
  options: OpenOptions,
  work: (db: Database, release: () => void) => Catalog,
): Promise<Catalog> {
  // The lock lies beside the real file: two names of one catalog must not be two locks.
  const realPath = isThere(path) ? realpathSync(path) : path;
  const { waitMs, now = Date.now, signal, backend } = options;
  const lock = await lockFor(realPath, { waitMs, now, signal });
  let db: Database | undefined;
  try {
    if (!isThere(realPath)) closeSync(openSync(realPath, 'wx', 0o600));
    db = openDatabase(realPath, backend);
    configure(db, path);
    return work(db, lock.release);
  } catch (cause) {
    try {
      db?.close();
    } finally {
      lock.release();
    }
    throw sqliteFailure(cause, path);
  }
}

/**
 * Exclusive before anything is read: without it the wasm implementation has no write-ahead log and a fraction of its speed,
 * and the native one would let others in. The log makes a commit one write and one fsync; FULL demands that fsync of every commit.
 */
function configure(db: Database, path: string): void {
  db.exec('PRAGMA locking_mode = EXCLUSIVE');
  if (kindOf(db) === 'foreign') {
    throw new Failure('config', `${path} is not a catalog of mrepl but a database of another program`, {
      hint: 'Move it away, or choose another name with --account.',
    });
  }
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000',
  );
}

function absent(path: string): Failure {
  return new Failure('config', `there is no catalog at ${path}`, {
    hint: 'Set the account up with `mrepl init STORE`.',
  });
}

function isThere(path: string): boolean {
  try {
    return ifPresent(() => statSync(path)) !== null;
  } catch (cause) {
    throw new Failure('io', `the catalog ${path} cannot be looked at: ${(cause as Error).message}`, { cause });
  }
}

function makePrivateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    syncPath(dirname(directory));
  } catch (cause) {
    throw new Failure('cannot-create', `cannot make the directory ${directory}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
