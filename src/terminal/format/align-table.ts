import type { Measure } from './ascii-text-width.js';
import type { Emphasis, Line } from './styled-line.js';

type Column = {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: 'left' | 'right';
  /** The one column that gives way where the terminal is too narrow. */
  readonly gives?: boolean;
};

/** Rows under titles, to be aligned when they are shown. Cells may hold anything. */
export type Table = {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly widthMax: number;
};

const gap = '  ';

/** A column that gives way is not cut below this many columns of the terminal. */
const givingWidthMin = 12;

/** The lines of a table whose cells have been made visible. */
export function tableLines({ columns, rows, widthMax }: Table, measure: Measure): Line[] {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, measure.width(row[index] ?? '')), title.length),
  );
  const total = widths.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
  const fitted = widths.map((width, index) =>
    columns[index]?.gives === true && total > widthMax
      ? Math.max(width - (total - widthMax), Math.min(width, givingWidthMin))
      : width,
  );
  const shown = (row: readonly string[], emphasis: Emphasis): Line => {
    const cells = columns.map(({ align }, index) => {
      const width = fitted[index] ?? 0;
      const cell = measure.cut(row[index] ?? '', width);
      const blanks = ' '.repeat(width - measure.width(cell));
      return align === 'right' ? blanks + cell : cell + blanks;
    });
    return [{ text: cells.join(gap).trimEnd(), emphasis }];
  };
  const titles = columns.map(({ title }) => title);
  return [shown(titles, 'faint'), ...rows.map((row) => shown(row, 'plain'))];
}
