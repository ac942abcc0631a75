import { type Block, isTable, type Line, type Palette } from './line.js';
import { type Measure, measureFor } from './measure.js';
import { type Table, tableLines } from './table.js';
import { visible } from './visible.js';

/** A line may not flood the terminal, whatever a mailbox is called: columns, inclusive. */
export const lineWidthMax = 2000;

/** The one way from a report to the terminal: what could do harm is escaped, then tables are aligned, lines cut, and coloured. */
export async function layOut(blocks: readonly Block[], palette: Palette): Promise<string> {
  const safe = blocks.map((block) => (isTable(block) ? safeTable(block) : safeLine(block)));
  const measure = await measureFor(safe.flatMap(textsOf));
  return safe
    .flatMap((block) => (isTable(block) ? tableLines(block, measure) : [block]))
    .map((line) => `${show(line, palette, measure)}\n`)
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

function show(line: Line, palette: Palette, measure: Measure): string {
  let room = lineWidthMax;
  let shown = '';
  for (const { text, emphasis } of line) {
    const fits = measure.cut(text, room);
    shown += emphasis === 'plain' || fits === '' ? fits : palette(fits, emphasis);
    room = fits === text ? room - measure.width(text) : 0;
  }
  return shown.trimEnd();
}
