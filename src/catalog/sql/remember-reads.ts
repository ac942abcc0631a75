import type { Database, Row } from './database.js';

/** Rows that are remembered in all, inclusive: a result that has more, as of a large mailbox, is read each time. */
const rowsMax = 10_000;

/**
 * A database that reads nothing twice while nothing is changed: a run asks for the list of mailboxes, the peers and its
 * notes again and again, and on Node 20 each row takes as long as a file. Only for a database that nobody else writes
 * to. The rows are the same objects each time.
 */
export function rememberingReads(db: Database): Database {
  const remembered = new Map<string, Row[]>();
  let rows = 0;
  const forget = (): void => {
    remembered.clear();
    rows = 0;
  };
  return {
    exec: (sql) => {
      forget();
      db.exec(sql);
    },
    run: (sql, ...values) => {
      forget();
      db.run(sql, ...values);
    },
    all: (sql, ...values) => {
      // Whatever else answers rows, such as INSERT ... RETURNING, changes something.
      if (!/^\s*SELECT\b/i.test(sql)) {
        forget();
        return db.all(sql, ...values);
      }
      if (values.some((value) => value instanceof Uint8Array)) return db.all(sql, ...values);
      const key = JSON.stringify([sql, ...values]);
      const known = remembered.get(key);
      if (known !== undefined) return [...known];
      const found = db.all(sql, ...values);
      if (found.length <= rowsMax) {
        if (rows + found.length > rowsMax || remembered.size >= rowsMax) forget();
        remembered.set(key, found);
        rows += found.length;
      }
      return [...found];
    },
    get inTransaction() {
      return db.inTransaction;
    },
    close: () => {
      forget();
      db.close();
    },
  };
}
