import { assertBindable, type Database, type Row, type SqlValue } from './database.js';

// What is used of node:sqlite. Declared here because the types of Node 20 do not know it.
type NativeStatement = { run(...values: SqlValue[]): unknown; all(...values: SqlValue[]): Row[] };
type NativeDatabase = {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  close(): void;
  readonly isTransaction?: boolean;
};
type NativeModule = { DatabaseSync: new (path: string) => NativeDatabase };

/** A database on Node's own SQLite, or null where this Node has none (before 22.13, or built without). */
export function openNative(path: string): Database | null {
  const native = loadQuietly();
  if (native === null) return null;
  const db = new native.DatabaseSync(path);
  const statements = new Map<string, NativeStatement>();

  function prepared(sql: string): NativeStatement {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  // `isTransaction` came after 22.13, so transactions are followed by asking SQLite: BEGIN fails inside one.
  function inTransaction(): boolean {
    if (db.isTransaction !== undefined) return db.isTransaction;
    try {
      db.exec('BEGIN');
    } catch {
      return true;
    }
    db.exec('ROLLBACK');
    return false;
  }

  return {
    exec: (sql) => db.exec(sql),
    run(sql, ...values) {
      values.forEach(assertBindable);
      prepared(sql).run(...values);
    },
    all(sql, ...values) {
      values.forEach(assertBindable);
      return prepared(sql).all(...values);
    },
    get inTransaction() {
      return inTransaction();
    },
    close() {
      statements.clear();
      db.close();
    },
  };
}

/**
 * Loading node:sqlite announces on standard error that it is experimental. That is of no use to somebody reading cron
 * mail; so this one warning is kept back, and only while the module loads.
 */
function loadQuietly(): NativeModule | null {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (String(warning).includes('SQLite')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    // Undefined, and not an error, where the module does not exist or is behind a flag.
    return (process.getBuiltinModule('node:sqlite') as NativeModule | undefined) ?? null;
  } finally {
    process.emitWarning = emitWarning;
  }
}
