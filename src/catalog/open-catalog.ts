import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Advice, advice, Failure, typed } from '../failure.js';
import { syncPath } from '../fs/durable-write.js';
import { ifPresent } from '../fs/errno.js';
import { noteDeadRun } from './facts/runs/run-that-died.js';
import type { Catalog } from './interface/catalog.js';
import type { Identity } from './interface/host-identity.js';
import { lockFor, type OwnerLock } from './lock/account-lock.js';
import type { Database } from './sql/database.js';
import { type Backend, configureDatabase, openDatabase } from './sql/open-database.js';
import { kindOf, migrate } from './sql/schema-migrations.js';
import { sqliteFailure } from './sql/sqlite-failure.js';
import { sqliteCatalog } from './sqlite-catalog.js';
import { writeIdentity } from './tables/identity-row.js';

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
  return whileLocked(path, options, (db, lock) => {
    if (kindOf(db) === 'blank') throw absent(path);
    migrate(db);
    const catalog = sqliteCatalog(db, path, lock);
    if (lock.lastOwnerDied) noteDeadRun(catalog);
    return catalog;
  });
}

/** The note of a catalog whose account is not set up to the end yet. */
const settingUp = 'setting-up';

/**
 * Makes the catalog of a new account, and its directory (only for this user) where there is none. Either all of it is
 * there afterwards or, after a crash, none: then it may be called again. So it may as long as `endSetUp` was not
 * called: whoever sets up the same again gets the catalog that is there, with the identity it has. Throws
 * `cannot-create` where there is another one, and as `openCatalog`.
 */
export async function createCatalog(
  path: string,
  identity: Identity,
  options: OpenOptions = { waitMs: 0 },
): Promise<Catalog> {
  makePrivateDirectory(dirname(path));
  return whileLocked(path, options, (db, lock) => {
    if (kindOf(db) === 'blank') {
      migrate(db, {
        finish() {
          writeIdentity(db, identity);
          db.run('INSERT INTO note (key, value) VALUES (?, ?)', settingUp, 'begun');
        },
      });
      return sqliteCatalog(db, path, lock);
    }
    migrate(db);
    const catalog = sqliteCatalog(db, path, lock);
    if (catalog.note(settingUp) === null || !isSameAccount(catalog.identity, identity)) {
      throw new Failure('cannot-create', `the account ${identity.account} is set up already: ${path} exists`, {
        hint: advice`${otherwise(catalog.identity, identity)} See "mrepl status", or choose another name with --account.`,
      });
    }
    return catalog;
  });
}

/** The account is set up: in the open transaction, or one of its own. */
export function endSetUp(catalog: Catalog): void {
  catalog.setNote(settingUp, null);
}

/** What somebody may have wanted who sets up an account a second time. */
function otherwise(found: Identity, asked: Identity): Advice | string {
  if (found.store !== asked.store)
    return advice`To say that its mail is there now: ${typed('mrepl', 'relocate', asked.store)}`;
  return found.hostName === asked.hostName
    ? ''
    : advice`To call this host ${asked.hostName}: ${typed('mrepl', 'rename', asked.hostName)}`;
}

function isSameAccount(a: Identity, b: Identity): boolean {
  return a.account === b.account && a.hostName === b.hostName && a.store === b.store;
}

async function whileLocked(
  path: string,
  options: OpenOptions,
  work: (db: Database, lock: OwnerLock) => Catalog,
): Promise<Catalog> {
  // The lock lies beside the real file: two names of one catalog must not be two locks.
  const realPath = isThere(path) ? realpathSync(path) : path;
  const { waitMs, now = Date.now, signal, backend } = options;
  const lock = await lockFor(realPath, { waitMs, now, signal });
  let db: Database | undefined;
  try {
    if (!isThere(realPath)) closeSync(openSync(realPath, 'wx', 0o600));
    db = openDatabase(realPath, backend);
    configureDatabase(db, path);
    // Rolled back by now: of an `init` that died while the file was none with a log yet.
    rmSync(`${realPath}-journal`, { force: true });
    return work(db, lock);
  } catch (cause) {
    try {
      db?.close();
    } finally {
      lock.release();
    }
    throw sqliteFailure(cause, path);
  }
}

function absent(path: string): Failure {
  return new Failure('config', `there is no catalog at ${path}`, {
    hint: advice`Set the account up: ${typed('mrepl', 'init', 'STORE')}`,
  });
}

function isThere(path: string): boolean {
  try {
    return ifPresent(() => statSync(path)) !== null;
  } catch (cause) {
    throw new Failure('io', `the catalog ${path} cannot be looked at: ${(cause as Error).message}`, { cause });
  }
}

/** Durable with all directories above it that had to be made. */
function makePrivateDirectory(directory: string): void {
  try {
    const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if ((statSync(directory).mode & 0o777) !== 0o700) chmodSync(directory, 0o700);
    for (let at = directory; first !== undefined; at = dirname(at)) {
      syncPath(dirname(at));
      if (at === first) break;
    }
  } catch (cause) {
    throw new Failure('cannot-create', `cannot make the directory ${directory}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
