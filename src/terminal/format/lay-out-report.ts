import { ledgerLines, ledgerTexts, mapLedger } from './align-ledger.js';
import { type Table, tableLines } from './align-table.js';
import { asciiMeasure, isPrintableAscii, type Measure } from './ascii-text-width.js';
import { visible } from './escape-control-characters.js';
import { type Block, isCommands, isLedger, isTable } from './line-or-table.js';
import type { Line, Palette } from './styled-line.js';
import { commandLines, type TypedCommands } from './typed-commands.js';
import { wrapped } from './wrap-lines.js';

/** A line may not flood the terminal, whatever a mailbox is called: columns, inclusive. */
const lineWidthMax = 2000;

/**
 * The one way from a report to the terminal: what could do harm is escaped, then tables are aligned, lines cut, broken
 * where they are wider than `columns`, and coloured. Without `columns` none is broken: programs read lines.
 */
export async function layOut(
  blocks: readonly Block[],
  palette: Palette,
  columns: number | null = null,
): Promise<string> {
  const safe = blocks.map((block) => {
    if (isTable(block)) return safeTable(block);
    if (isLedger(block)) return mapLedger(block, visible);
    return isCommands(block) ? safeCommands(block) : safeLine(block);
  });
  const measure = await measureFor(safe.flatMap(textsOf));
  return safe
    .flatMap((block) => {
      if (isTable(block)) return tableLines(block, measure).map((line) => cut(line, measure));
      if (isLedger(block)) return ledgerLines(block, columns, measure).map((line) => cut(line, measure));
      if (isCommands(block)) return commandLines(block, columns, measure);
      const line = cut(block, measure);
      return columns === null ? [line] : wrapped(line, columns, measure);
    })
    .map((line) => `${show(line, palette)}\n`)
    .join('');
}

/**
 * The measure that does for all of these texts. The one for all of Unicode costs some 20 ms to load, more than the rest
 * of a run that finds nothing to do: it is loaded only for reports that need it.
 */
async function measureFor(texts: readonly string[]): Promise<Measure> {
  if (texts.every(isPrintableAscii)) return asciiMeasure;
  return (await import('./unicode-text-width.js')).unicodeMeasure;
}

function safeLine(line: Line): Line {
  return line.map(({ text, emphasis }) => ({ text: visible(text), emphasis }));
}

function safeTable(table: Table): Table {
  return { ...table, rows: table.rows.map((row) => row.map(visible)) };
}

function safeCommands({ commands }: TypedCommands): TypedCommands {
  return { commands: commands.map(({ words, remark }) => ({ words: words.map(visible), remark: visible(remark) })) };
}

function textsOf(block: Block): readonly string[] {
  if (isTable(block)) return block.rows.flat();
  if (isLedger(block)) return ledgerTexts(block);
  if (isCommands(block)) return block.commands.flatMap(({ words, remark }) => [...words, remark]);
  return block.map(({ text }) => text);
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
