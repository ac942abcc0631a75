import { rmdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { ifPresent } from '../../fs/errno.js';
import { assertBindable, type Database, type Row, type SqlValue } from './database.js';

type WasmModule = typeof import('node-sqlite3-wasm');
type WasmStatement = ReturnType<InstanceType<WasmModule['Database']>['prepare']>;

/**
 * A database on node-sqlite3-wasm, for Node 20. The caller holds the owner lock of `path`: this implementation locks by
 * making the directory `PATH.lock`, which stays behind when a process dies, and whatever stands there now is of a dead
 * one.
 */
export function openWasm(path: string): Database {
  ifPresent(() => rmdirSync(`${path}.lock`));
  const wasm = loadUnoptimised();
  const db = new wasm.Database(path);
  const statements = new Map<string, WasmStatement>();

  function use<T>(
    sql: string,
    values: readonly SqlValue[],
    work: (statement: WasmStatement, bound: SqlValue[]) => T,
  ): T {
    values.forEach(assertBindable);
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    try {
      return work(statement, values as SqlValue[]);
    } catch (error) {
      // A statement that failed cannot be reset by this package, only thrown away.
      statements.delete(sql);
      try {
        statement.finalize();
      } catch {
        // finalize repeats the error of the last step
      }
      throw error;
    }
  }

  return {
    exec: (sql) => db.exec(sql),
    run: (sql, ...values) => use(sql, values, (statement, bound) => void statement.run(bound)),
    // Always to the last row: a statement left half-way would keep its read transaction open.
    all: (sql, ...values) => use(sql, values, (statement, bound) => statement.all(bound) as Row[]),
    get inTransaction() {
      return db.inTransaction;
    },
    close() {
      // An open statement would keep the file, and the lock directory, after close.
      for (const statement of statements.values()) statement.finalize();
      statements.clear();
      db.close();
    },
  };
}

/** How long V8 runs its quick code before it optimises: as it is in this version of Node, and what no run comes to. */
const tieringBudget = {
  usual: Number.parseInt(process.versions.node, 10) < 22 ? 1_800_000 : 13_000_000,
  boundless: 2_000_000_000,
};

/**
 * Loads the implementation so that V8 keeps to its quick code and never begins to optimise it in other threads. A run
 * is over before that pays, and Node 20 waits for those threads when it ends: 0.2 s at best, and for ever in about one
 * run of ten, by a deadlock (nodejs/node#54918). V8 reads the setting when a module is made, so others (zstd) are
 * optimised as ever.
 *
 * Not by an import, so that a run that needs no catalog, or has the native one, does not pay for it.
 */
function loadUnoptimised(): WasmModule {
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget.boundless}`);
  try {
    return createRequire(import.meta.url)('node-sqlite3-wasm') as WasmModule;
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${tieringBudget.usual}`);
  }
}
