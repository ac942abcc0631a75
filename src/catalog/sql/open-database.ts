import { Failure } from '../../failure.js';
import type { Database } from './database.js';
import { openNative } from './node-sqlite.js';
import { openWasm } from './wasm-sqlite.js';

/** native: `node:sqlite`, in Node 22.13 and newer. wasm: `node-sqlite3-wasm`, everywhere. */
export type Backend = 'native' | 'wasm';

/** Opens (and creates) a database file. Without a `backend` the native one where this Node has it, else wasm. */
export function openDatabase(path: string, backend?: Backend): Database {
  if (backend !== 'wasm') {
    const native = openNative(path);
    if (native !== null) return native;
    if (backend === 'native') throw new Failure('internal', 'this Node has no node:sqlite');
  }
  return openWasm(path);
}
