import type { Measure } from './ascii-text-width.js';
import { type Emphasis, faint, type Line, line, strong } from './styled-line.js';
import { wrapped } from './wrap-lines.js';

type Column = {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right';
  /** Gives way where the terminal is too narrow, down to so many columns of it; of several the widest first. */
  readonly gives?: boolean | number;
};

/** Rows under titles, to be aligned when they are shown. Cells may hold anything. */
export type Table = {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly widthMax: number;
};

const gap = '  ';

/** A column that gives way is not cut below this many columns of the terminal, unless it says otherwise. */
const givingWidthMin = 12;

/**
 * The lines of a table whose cells have been made visible. Cells of columns that give way are cut in the middle; where
 * that does not make it fit, each row becomes a paragraph, with a line for each cell that holds something.
 */
export function tableLines(table: Table, measure: Measure): Line[] {
  const { columns, rows } = table;
  const widths = fittedWidths(table, measure);
  if (widths === null) return paragraphs(table, measure);
  const shown = (row: readonly string[], emphasis: Emphasis): Line => {
    const cells = columns.map(({ align }, index) => {
      const width = widths[index] ?? 0;
      const cell = measure.cutMiddle(row[index] ?? '', width);
      const blanks = ' '.repeat(width - measure.width(cell));
      return align === 'right' ? blanks + cell : cell + blanks;
    });
    return [{ text: cells.join(gap).trimEnd(), emphasis }];
  };
  const titles = columns.map(({ title }) => title);
  return [shown(titles, 'faint'), ...rows.map((row) => shown(row, 'plain'))];
}

/** The width of each column; null where they do not fit together. */
function fittedWidths({ columns, rows, widthMax }: Table, measure: Measure): number[] | null {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, measure.width(row[index] ?? '')), title.length),
  );
  let excess = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1)) - widthMax;
  while (excess > 0) {
    const giving = [...widths.keys()].filter((index) => {
      const { gives = false, title } = columns[index] ?? { title: '' };
      const least = gives === true ? givingWidthMin : gives;
      return least !== false && (widths[index] ?? 0) > Math.max(least, title.length);
    });
    const [widest] = giving.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (widest === undefined) return null;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function paragraphs({ columns, rows, widthMax }: Table, measure: Measure): Line[] {
  const labels = columns.map(({ title }) => title.toLowerCase());
  const labelWidth = labels.slice(1).reduce((widest, { length }) => Math.max(widest, length), 0);
  return rows.flatMap(([first = '', ...cells]) => [
    ...wrapped(line(strong(first)), widthMax, measure),
    ...cells.flatMap((cell, index) => {
      const label = `  ${(labels[index + 1] ?? '').padEnd(labelWidth)}  `;
      return cell === '' ? [] : wrapped(line(faint(label), cell), widthMax, measure);
    }),
  ]);
}
