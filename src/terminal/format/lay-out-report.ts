import { type Table, tableLines } from './align-table.js';
import type { Measure } from './ascii-text-width.js';
import { measureFor } from './choose-ascii-or-unicode-width.js';
import { visible } from './escape-control-characters.js';
import { type Block, isTable } from './line-or-table.js';
import type { Line, Palette } from './styled-line.js';
import { wrapped } from './wrap-lines.js';

/** A line may not flood the terminal, whatever a mailbox is called: columns, inclusive. */
export const lineWidthMax = 2000;

/**
 * The one way from a report to the terminal: what could do harm is escaped, then tables are aligned, lines cut, broken where they are wider than
 * `columns`, and coloured. Without `columns` none is broken: programs read lines.
 */
export async function layOut(
  blocks: readonly Block[],
  palette: Palette,
  columns: number | null = null,
): Promise<string> {
  const safe = blocks.map((block) => (isTable(block) ? safeTable(block) : safeLine(block)));
  const measure = await measureFor(safe.flatMap(textsOf));
  return safe
    .flatMap((block) => {
      if (isTable(block)) return tableLines(block, measure).map((line) => cut(line, measure));
      const line = cut(block, measure);
      return columns === null ? [line] : wrapped(line, columns, measure);
    })
    .map((line) => `${show(line, palette)}\n`)
    .join('');
}

function safeLine(line: Line): Line {
  return line.map(({ text, emphasis }) => ({ text: visible(text), emphasis }));
}

function safeTable(table: Table): Table {
  return { ...table, rows: table.rows.map((row) => row.map(visible)) };
}

function textsOf(block: Block): readonly string[] {
  return isTable(block) ? block.rows.flat() : block.map(({ text }) => text);
}

function cut(line: Line, measure: Measure): Line {
  let room = lineWidthMax;
  return line.map(({ text, emphasis }) => {
    const fits = measure.cut(text, room);
    room = fits === text ? room - measure.width(text) : 0;
    return { text: fits, emphasis };
  });
}

function show(line: Line, palette: Palette): string {
  return line
    .map(({ text, emphasis }) => (emphasis === 'plain' || text === '' ? text : palette(text, emphasis)))
    .join('')
    .trimEnd();
}
