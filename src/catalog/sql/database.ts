import { invariant } from '../../failure.js';

/** What is ever bound to a statement: numbers are safe integers, strings are well-formed and hold no NUL. */
export type SqlValue = number | string | Uint8Array | null;

/** A row as SQLite gives it; nothing in it is trusted before `parse-column.ts` has looked at it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The little of SQLite that the catalog needs, the same on both implementations. Synchronous; statements are prepared
 * once and kept. Throws whatever the implementation throws; `sqliteFailure` makes it a Failure.
 */
export interface Database {
  exec(sql: string): void;
  run(sql: string, ...values: readonly SqlValue[]): void;
  all(sql: string, ...values: readonly SqlValue[]): Row[];
  readonly inTransaction: boolean;
  close(): void;
}

/** The first row, or undefined where there is none. */
export function firstRow(db: Database, sql: string, ...values: readonly SqlValue[]): Row | undefined {
  return db.all(sql, ...values)[0];
}

const unbindable = /[\0\ud800-\udfff]/u; // with the u flag a surrogate matches only where it stands alone

/**
 * Stops a value that the two implementations would store differently, or cut short: the wasm one ends a string at its
 * first NUL, and they disagree on lone surrogates and on numbers beyond 2^53.
 */
export function assertBindable(value: SqlValue): void {
  if (typeof value === 'string') invariant(!unbindable.test(value), 'a text for the catalog is not well-formed');
  else if (typeof value === 'number') invariant(Number.isSafeInteger(value), `${value} for the catalog is no integer`);
}
