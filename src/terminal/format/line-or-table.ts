import type { Table } from './align-table.js';
import type { Line } from './styled-line.js';

/** What renderers make. */
export type Block = Line | Table;

/** Is it a table, to be aligned when it is shown? */
export function isTable(block: Block): block is Table {
  return 'columns' in block;
}
