/// <reference lib="dom" />
import { el } from './page-elements.js';
import type { StatusChart, StatusPageData } from './status-page-data.js';

// Runs in the browser, within a page that `selfContainedPage` made of this file and of those that it imports.

function glancePart({ title, glance }: StatusPageData): HTMLElement {
  const head = el('header', {}, el('h1', {}, title));
  for (const { text, isCommand } of glance) {
    head.append(isCommand ? el('div', { class: 'command' }, el('code', {}, text)) : el('p', {}, text));
  }
  return head;
}

/** Scrolls by itself where the window is narrow, also by keyboard. */
function tableOf(label: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const body = el('tbody');
  for (const [first = '', ...rest] of rows) {
    const cells = rest.map((cell) => el('td', { class: 'n' }, cell));
    body.append(el('tr', {}, el('th', { scope: 'row' }, first), ...cells));
  }
  const titles = heads.map((head, index) => el('th', { scope: 'col', class: index === 0 ? '' : 'n' }, head));
  const table = el('table', {}, el('thead', {}, el('tr', {}, ...titles)), body);
  return el('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label }, table);
}

function chartPart({ title, note, heads, bars }: StatusChart): HTMLElement {
  const picture = el('div', { class: 'days', 'aria-hidden': 'true' });
  for (const { height, way, cells } of bars) {
    const piece = el('span', { class: way, title: cells.join(', ') });
    piece.style.height = height === 0 ? '0' : `${Math.max(height * 100, 2)}%`;
    picture.append(piece);
  }
  const ends = [bars[0], bars.at(-1)].map((end) => el('span', {}, end?.cells[0] ?? ''));
  const rows = bars.map(({ cells }) => cells).reverse();
  return el(
    'section',
    {},
    el('h2', {}, title),
    el('p', { class: 'facts' }, note),
    picture,
    el('div', { class: 'axis', 'aria-hidden': 'true' }, ...ends),
    el('details', {}, el('summary', {}, 'As a table, the newest first'), tableOf(title, heads, rows)),
  );
}

function showStatus(data: StatusPageData, page: HTMLElement): void {
  page.append(glancePart(data));
  for (const chart of data.charts) page.append(chartPart(chart));
  if (data.charts.some(({ bars }) => bars.some(({ way }) => way === 'out'))) {
    const key = el(
      'p',
      { class: 'facts key' },
      el('span', { class: 'in' }),
      ' came here  ',
      el('span', { class: 'out' }),
      ' went from here',
    );
    page.querySelector('section')?.before(key);
  }
  const { heads, rows } = data.mailboxes;
  page.append(el('section', {}, el('h2', {}, 'Mailboxes'), tableOf('Mailboxes', heads, rows)));
}

const page = document.getElementById('page');
if (page !== null) showStatus(JSON.parse(document.getElementById('data')?.textContent ?? '{}') as StatusPageData, page);
