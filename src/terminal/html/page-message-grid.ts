/// <reference lib="dom" />
import type { PageMessage } from './page-data.js';
import { bytes, day, el } from './page-elements.js';

// Runs in the browser: the table of messages. Rows are made as they come into view: fifty thousand scroll as fifty do.

/** What is shown of the messages. */
export type Filter = { text: string; kind: string; mailbox: string; host: string };

/** What becomes of a message, in a word. */
export const kindNames: Readonly<Record<string, string>> = {
  goes: 'goes',
  comes: 'comes',
  moves: 'moves',
  flags: 'flags',
  same: 'same',
  anew: 'anew',
  uid: 'UID',
  conflict: 'conflict',
};

const columns: readonly (readonly [title: string, value: (message: PageMessage) => string | number])[] = [
  ['What', (message) => message.k],
  ['Mailbox', (message) => message.m],
  ['UID', (message) => Number.parseInt(message.u, 10) || 0],
  ['Flags', (message) => message.f],
  ['From', (message) => message.s.toLowerCase()],
  ['Subject', (message) => message.t.toLowerCase()],
  ['Received', (message) => message.r],
  ['Size', (message) => message.b],
];

function cellsOf(message: PageMessage): string[] {
  const place = message.o === null ? message.m : `${message.o} \u2192 ${message.m}`;
  return [
    kindNames[message.k] ?? message.k,
    place,
    message.u,
    message.f,
    message.s,
    message.t,
    day(message.r),
    bytes(message.b),
  ];
}

/** The table of messages: `show` filters it. */
type Grid = { readonly element: HTMLElement; show(filter: Filter): number; focus(): void };

type GridState = {
  readonly all: readonly PageMessage[];
  shown: PageMessage[];
  active: number;
  sorted: { readonly column: number; readonly down: boolean } | null;
  readonly scroll: HTMLElement;
  readonly headRow: HTMLElement;
  readonly inner: HTMLElement;
  readonly heads: readonly HTMLElement[];
};

/** Rows above and below what is seen, so that a quick hand meets no gap. */
const rowsAround = 12;

/** As the style sheet has them. */
function rowHeight(): number {
  return matchMedia('(max-width:760px)').matches ? 52 : 30;
}

/** Makes the table; `leave` is what Escape does. */
export function messageGrid(all: readonly PageMessage[], leave: () => void): Grid {
  const inner = el('div', { role: 'rowgroup', class: 'rows' });
  const heads = columns.map(([title], column) =>
    el(
      'div',
      { role: 'columnheader', class: isNumber(column) ? 'n' : '' },
      el('button', { type: 'button', 'data-column': String(column) }, title),
    ),
  );
  const headRow = el('div', { class: 'row head', role: 'row', 'aria-rowindex': '1' }, ...heads);
  const scroll = el(
    'div',
    { class: 'scroll', role: 'grid', tabindex: '0' },
    el('div', { role: 'rowgroup' }, headRow),
    inner,
  );
  scroll.setAttribute('aria-label', 'Messages: arrows move, Escape goes back to the filter');
  const element = el('div', { class: 'grid' }, scroll);
  const state: GridState = { all, shown: [...all], active: 0, sorted: null, scroll, inner, heads, headRow };
  for (const [column, head] of heads.entries()) head.addEventListener('click', () => sortBy(state, column));
  scroll.addEventListener('scroll', () => draw(state), { passive: true });
  addEventListener('resize', () => draw(state));
  scroll.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    else if (!isMoved(state, event.key)) return;
    event.preventDefault();
  });
  return { element, show: (filter) => show(state, filter), focus: () => scroll.focus() };
}

function isNumber(column: number): boolean {
  return column === 2 || column === 7;
}

function draw({ shown, active, scroll, inner }: GridState): void {
  const height = rowHeight();
  inner.style.height = `${shown.length * height}px`;
  const first = Math.max(Math.floor(scroll.scrollTop / height) - rowsAround, 0);
  const last = Math.ceil((scroll.scrollTop + scroll.clientHeight) / height) + rowsAround;
  const rows = shown.slice(first, last).map((message, offset) => {
    const index = first + offset;
    const cells = cellsOf(message).map((text, column) => {
      const look = column === 0 ? `k-${message.k}` : isNumber(column) ? 'n' : '';
      return el('div', { role: 'gridcell', class: look, title: text }, text);
    });
    const row = el(
      'div',
      { class: index === active ? 'row active' : 'row', role: 'row', id: `row-${index}` },
      ...cells,
    );
    row.setAttribute('aria-rowindex', String(index + 2));
    row.style.top = `${index * height}px`;
    return row;
  });
  const drawn = document.createDocumentFragment();
  for (const row of rows) drawn.append(row);
  inner.replaceChildren(drawn);
  scroll.setAttribute('aria-rowcount', String(shown.length + 1));
  // Only a row that is there can be named.
  if (active >= first && active < Math.min(last, shown.length)) {
    scroll.setAttribute('aria-activedescendant', `row-${active}`);
  } else scroll.removeAttribute('aria-activedescendant');
}

function order(state: GridState): void {
  const { sorted } = state;
  if (sorted === null) return;
  const value = columns[sorted.column]?.[1] ?? ((): number => 0);
  const keyed = state.shown.map((message) => ({ message, key: value(message) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) * (sorted.down ? -1 : 1));
  state.shown = keyed.map(({ message }) => message);
}

function sortBy(state: GridState, column: number): void {
  const isAgain = state.sorted?.column === column && !state.sorted.down;
  state.sorted = { column, down: isAgain };
  for (const [index, head] of state.heads.entries()) {
    if (index === column) head.setAttribute('aria-sort', isAgain ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
  order(state);
  draw(state);
}

/** Moves the active row, where the key does that. */
function isMoved(state: GridState, key: string): boolean {
  const { scroll, shown, active } = state;
  const height = rowHeight();
  const seen = scroll.clientHeight - state.headRow.offsetHeight;
  const page = Math.max(Math.floor(seen / height) - 1, 1);
  const targets: Readonly<Record<string, number>> = {
    ...{ ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page },
    ...{ Home: 0, End: shown.length - 1 },
  };
  const target = targets[key];
  if (target === undefined) return false;
  state.active = Math.min(Math.max(target, 0), Math.max(shown.length - 1, 0));
  const [top, bottom] = [state.active * height, (state.active + 1) * height];
  if (top < scroll.scrollTop) scroll.scrollTop = top;
  else if (bottom > scroll.scrollTop + seen) scroll.scrollTop = bottom - seen;
  draw(state);
  return true;
}

function show(state: GridState, { text, kind, mailbox, host }: Filter): number {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  state.shown = state.all.filter((message) => {
    if (kind === 'conflict' ? message.c !== 1 : kind !== '' && message.k !== kind) return false;
    if (mailbox !== '' && message.m !== mailbox && message.o !== mailbox) return false;
    if (host !== '' && message.h !== host) return false;
    const said = `${message.s} ${message.t} ${message.m} ${message.f} ${message.u}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  state.active = 0;
  state.scroll.scrollTop = 0;
  order(state);
  draw(state);
  return state.shown.length;
}
