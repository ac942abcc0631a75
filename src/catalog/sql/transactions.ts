import { Failure, invariant } from '../../failure.js';
import type { Database } from './database.js';

/**
 * Is what was done to be kept? Asked of the result where that decides; not asked where the work throws, as nothing is
 * kept then.
 */
export type Keep<T> = boolean | ((result: Awaited<T>) => boolean);

type Transactions = {
  /** As `Catalog.transaction` says. */
  run<T>(work: () => T, keep?: Keep<T>): T;
};

type Open = { readonly savepoint: string | null };

/**
 * Transactions, and savepoints within them, on one connection: the only place that begins or ends any. `guarded` makes
 * failures of what SQLite throws; `undone` is told whenever something was taken back, for whoever remembers what stood
 * in the database.
 */
export function transactionsOn(
  db: Database,
  { guarded, undone }: { guarded<T>(work: () => T): T; undone(): void },
): Transactions {
  /** The outermost one first, each a part of the one before. */
  const open: Open[] = [];
  /** Why nothing can be kept any more of what is open. */
  let doomedBy: { readonly cause: unknown } | null = null;

  function begin(): Open {
    if (doomedBy !== null) throw doomedBy.cause;
    const one: Open = { savepoint: open.length === 0 ? null : `level_${open.length}` };
    guarded(() => db.exec(one.savepoint === null ? 'BEGIN IMMEDIATE' : `SAVEPOINT ${one.savepoint}`));
    open.push(one);
    return one;
  }

  function keep(one: Open): void {
    invariant(open.at(-1) === one, 'a transaction is to be kept that is not the innermost one');
    if (doomedBy !== null) throw doomedBy.cause;
    guarded(() => db.exec(one.savepoint === null ? 'COMMIT' : `RELEASE ${one.savepoint}`));
    open.pop();
  }

  function undo(one: Open, cause: unknown): void {
    const at = open.indexOf(one);
    if (at < 0) return; // it went with the one that it was a part of
    open.length = at;
    const { savepoint } = one;
    try {
      // On a full disk or an I/O error SQLite ends the whole transaction by itself. What goes on in it then must not be
      // kept bit by bit.
      if (!db.inTransaction) doomedBy = at === 0 ? null : { cause };
      else if (savepoint !== null) db.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      else {
        db.exec('ROLLBACK');
        doomedBy = null;
      }
    } catch (failure) {
      doomedBy = { cause: failure }; // nobody knows what is open now: nothing is written any more
    }
    undone();
  }

  return {
    run<T>(work: () => T, isKept: Keep<T> = true): T {
      const one = begin();
      const end = (result: Awaited<T>): void => {
        if (typeof isKept === 'function' ? isKept(result) : isKept) keep(one);
        else undo(one, new Failure('io', 'the catalog could not be changed: SQLite ended a transaction by itself'));
      };
      const fail = (cause: unknown): never => {
        undo(one, cause);
        throw cause;
      };
      try {
        const result = work();
        if (result instanceof Promise) {
          const ended = result.then((value: Awaited<T>) => {
            end(value);
            return value;
          });
          return ended.catch(fail) as T;
        }
        end(result as Awaited<T>);
        return result;
      } catch (cause) {
        return fail(cause);
      }
    },
  };
}
