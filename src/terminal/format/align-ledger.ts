import type { Measure } from './ascii-text-width.js';
import { type Line, type Span, strong } from './styled-line.js';
import { wrapped } from './wrap-lines.js';

/** A line under a heading: a name, how many, and what there is to say. */
export type LedgerItem = { readonly name: string; readonly amount: string; readonly text: string };

/** A heading with its amount and what is said of all, and the items under it. Everything may hold anything. */
export type LedgerEntry = {
  /** A word in capitals. */
  readonly word: string;
  /** Empty: the text stands in its place. */
  readonly amount: string;
  readonly text: string;
  /** bad: something goes. */
  readonly emphasis?: 'bad' | 'warning';
  readonly items?: readonly LedgerItem[];
};

/** Entries whose amounts stand below each other, to be aligned when they are shown. */
export type Ledger = { readonly headings: readonly LedgerEntry[] };

/** Columns of the word of a heading, with the blanks behind it. */
const wordColumns = 10;

/** How far items stand in. */
const inset = '  ';

/** Names of items are cut so that a text has so many columns at least; but never to fewer than these. */
const textColumnsMin = 28;
const nameColumnsMin = 16;

/** The lines of a ledger whose texts have been made visible, broken at `columns`; null leaves them whole. */
export function ledgerLines({ headings }: Ledger, columns: number | null, measure: Measure): Line[] {
  const amounts = widest(
    headings.map(({ amount }) => amount),
    measure,
  );
  return headings.flatMap((entry) => [
    ...headingLines(entry, { amounts, columns, measure }),
    ...itemLines(entry.items ?? [], columns, measure),
  ]);
}

function headingLines(
  { word, amount, text, emphasis }: LedgerEntry,
  {
    amounts,
    columns,
    measure,
  }: { readonly amounts: number; readonly columns: number | null; readonly measure: Measure },
): Line[] {
  const shown: Span = emphasis === undefined ? strong(word) : { text: word, emphasis };
  const blanks = ' '.repeat(Math.max(wordColumns - word.length, 1));
  const number = amount === '' ? '' : `${right(amount, amounts, measure)} `;
  const lead: Line = [shown, { text: blanks + number, emphasis: emphasis === 'bad' ? 'bad' : 'plain' }];
  const width = wordColumns + number.length;
  return hung(lead, width, { text, emphasis: emphasis === 'bad' ? 'bad' : 'plain' }, { columns, measure });
}

function itemLines(items: readonly LedgerItem[], columns: number | null, measure: Measure): Line[] {
  if (items.length === 0) return [];
  const amounts = widest(
    items.map(({ amount }) => amount),
    measure,
  );
  const names = widest(
    items.map(({ name }) => name),
    measure,
  );
  const fixed = inset.length + 2 + amounts + (amounts === 0 ? 0 : 2);
  const saysMore = items.some(({ text }) => text !== '');
  const room =
    columns === null
      ? names
      : Math.max(columns - fixed - (saysMore ? textColumnsMin : 0), Math.min(names, nameColumnsMin));
  const width = Math.min(names, room);
  return items.flatMap(({ name, amount, text }) => {
    const cut = measure.cutMiddle(name, width);
    const blanks = ' '.repeat(width - measure.width(cut));
    const number = amounts === 0 ? '' : `${right(amount, amounts, measure)}  `;
    const lead: Line = [{ text: `${inset}${cut}${blanks}  ${number}`, emphasis: 'plain' }];
    return hung(lead, fixed + width, { text, emphasis: 'faint' }, { columns, measure });
  });
}

/** `lead`, which takes `width` columns, and behind it the text, whose further lines begin where the first one does. */
function hung(
  lead: Line,
  width: number,
  { text, emphasis }: Span,
  { columns, measure }: { readonly columns: number | null; readonly measure: Measure },
): Line[] {
  if (columns === null) return [[...lead, { text, emphasis }]];
  const room = Math.max(columns - width, nameColumnsMin);
  const lines = wrapped([{ text, emphasis }], room, measure, 0);
  return lines.map((line, index) => {
    const fitted = line.map((span) => ({ ...span, text: measure.cut(span.text, room) }));
    return index === 0 ? [...lead, ...fitted] : [{ text: ' '.repeat(width), emphasis: 'plain' }, ...fitted];
  });
}

function right(amount: string, width: number, measure: Measure): string {
  return ' '.repeat(width - measure.width(amount)) + amount;
}

function widest(texts: readonly string[], measure: Measure): number {
  return texts.reduce((most, text) => Math.max(most, measure.width(text)), 0);
}

/** The ledger with every text as `change` makes it. */
export function mapLedger({ headings }: Ledger, change: (text: string) => string): Ledger {
  return {
    headings: headings.map(({ items = [], ...entry }) => ({
      ...entry,
      amount: change(entry.amount),
      text: change(entry.text),
      items: items.map(({ name, amount, text }) => ({
        name: change(name),
        amount: change(amount),
        text: change(text),
      })),
    })),
  };
}

/** Every text in the ledger. */
export function ledgerTexts({ headings }: Ledger): string[] {
  return headings.flatMap(({ amount, text, items = [] }) => [
    amount,
    text,
    ...items.flatMap((item) => [item.name, item.amount, item.text]),
  ]);
}
