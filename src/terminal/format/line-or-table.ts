import type { Ledger } from './align-ledger.js';
import type { Table } from './align-table.js';
import type { Line } from './styled-line.js';
import type { TypedCommands } from './typed-commands.js';

/** What renderers make. */
export type Block = Line | Table | Ledger | TypedCommands;

/** Is it a table, to be aligned when it is shown? */
export function isTable(block: Block): block is Table {
  return 'columns' in block;
}

/** Are these commands to be typed? */
export function isCommands(block: Block): block is TypedCommands {
  return 'commands' in block;
}

/** Is it a ledger, to be aligned when it is shown? */
export function isLedger(block: Block): block is Ledger {
  return 'headings' in block;
}
