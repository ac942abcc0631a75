import type { Line } from './line.js';
import type { Table } from './table.js';

/** What renderers make. */
export type Block = Line | Table;

/** Is it a table, to be aligned when it is shown? */
export function isTable(block: Block): block is Table {
  return 'columns' in block;
}
