import type { Database } from '../sql/database.js';
import type { HostTable } from './host-number-rows.js';
import type { ClockCells } from './version-vector-column.js';

/** What the pieces of an open catalog share: each of them implements one interface of `interface/` on its tables. */
export interface OpenTables {
  readonly db: Database;
  readonly hosts: HostTable;
  readonly clocks: ClockCells;
  /** Does `work`, which only reads. What SQLite throws, or a cell that nobody wrote, becomes a `Failure`. */
  read<T>(work: () => T): T;
  /**
   * A change: a transaction of its own, or a part of the open one that happens wholly or not at all. Fails as `read`
   * does.
   */
  change(work: () => void): void;
  /** Has `forget` called whenever something was undone, for whoever remembers what stood in the database. */
  afterUndo(forget: () => void): void;
}
