import { Failure } from '../../failure.js';
import type { Database } from './database.js';
import { openNative } from './node-sqlite.js';
import { rememberingReads } from './remember-reads.js';
import { kindOf } from './schema-migrations.js';
import { openWasm } from './wasm-sqlite.js';

/** native: `node:sqlite`, in Node 22.13 and newer. wasm: `node-sqlite3-wasm`, everywhere. */
export type Backend = 'native' | 'wasm';

/** Opens (and creates) a database file. Without a `backend` the native one where this Node has it, else wasm. */
export function openDatabase(path: string, backend?: Backend): Database {
  return rememberingReads(openEither(path, backend));
}

function openEither(path: string, backend: Backend | undefined): Database {
  if (backend !== 'wasm') {
    const native = openNative(path);
    if (native !== null) return native;
    if (backend === 'native') throw new Failure('internal', 'this Node has no node:sqlite');
  }
  return openWasm(path);
}

/**
 * Makes an open database file this process's own, and safe against a loss of power; throws `config` where it is of
 * another program. Exclusive before anything is read: without it the wasm implementation has no write-ahead log and a
 * fraction of its speed, and the native one would let others in. The log makes a commit one write and one fsync; FULL
 * demands that fsync of every commit.
 */
export function configureDatabase(db: Database, path: string): void {
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
