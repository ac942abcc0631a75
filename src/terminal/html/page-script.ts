/// <reference lib="dom" />
import type { PageData, PageMessage, PagePlan, PageTile } from './page-data.js';
import { bytes, day, el, grouped } from './page-elements.js';
import { type Filter, kindNames, messageGrid } from './page-message-grid.js';

// Runs in the browser, within a page that `selfContainedPage` made of this file and of those that it imports. Whatever
// a mail says becomes text of a node, never markup.

function headPart(data: PageData): HTMLElement {
  const head = el('header', {}, el('h1', {}, data.title), el('p', { class: 'verdict' }, data.verdict));
  for (const fact of data.facts) head.append(el('p', { class: 'facts' }, fact));
  const { command } = data;
  if (command !== null) {
    const button = el('button', { type: 'button' }, 'Copy');
    button.addEventListener('click', () => {
      navigator.clipboard?.writeText(command).then(
        () => button.replaceChildren('Copied'),
        () => button.replaceChildren('Select it'),
      );
    });
    head.append(el('div', { class: 'command' }, el('span', {}, 'To do it:'), el('code', {}, command), button));
  }
  return head;
}

/** `choose` filters the list by a kind that it has; any other tile leads to the part of the page that has it. */
function tilePart(
  tiles: readonly PageTile[],
  list: { readonly choose: (kind: string) => void; readonly kinds: ReadonlySet<string> } | null,
): HTMLElement {
  const row = el('div', { class: 'tiles' });
  for (const { label, count, kind, part } of tiles) {
    const look = `tile ${kind ?? ''}`;
    const parts = [el('b', {}, grouped(count)), el('span', {}, label)];
    if (count === 0) row.append(el('div', { class: look }, ...parts));
    else if (kind === null || list === null || !list.kinds.has(kind)) {
      row.append(
        part === undefined
          ? el('div', { class: look }, ...parts)
          : el('a', { class: look, href: `#${part}` }, ...parts),
      );
    } else {
      const button = el(
        'button',
        { type: 'button', class: look, 'aria-pressed': 'false', 'data-kind': kind },
        ...parts,
      );
      button.addEventListener('click', () => list.choose(kind));
      row.append(button);
    }
  }
  return row;
}

function bar(kind: 'goes' | 'comes', share: number): HTMLElement {
  const element = el('span', { class: `bar ${kind}`, 'aria-hidden': 'true' });
  element.style.width = `${Math.max(share * 100, 1.5)}%`;
  return element;
}

/** What the lengths of bars are. */
type Scale = 'messages' | 'bytes';

/** A row per mailbox: what goes to the left, what comes to the right. */
function drawPicture(body: HTMLElement, mailboxes: PagePlan['mailboxes'], scale: Scale): void {
  const isBytes = scale === 'bytes';
  const lengthOf = (messages: number, size: number | null): number => (isBytes ? (size ?? 0) : messages);
  const said = (messages: number, size: number | null): string =>
    isBytes && size !== null ? bytes(size) : grouped(messages);
  const most = mailboxes.reduce((max, { goes, goesBytes, comes, comesBytes }) => {
    return Math.max(max, lengthOf(goes, goesBytes), lengthOf(comes, comesBytes));
  }, 1);
  body.replaceChildren();
  for (const { name, goes, goesBytes, comes, comesBytes, changes } of mailboxes) {
    const [left, right] = [lengthOf(goes, goesBytes) / most, lengthOf(comes, comesBytes) / most];
    const going = [`\u2212${said(goes, goesBytes)} `, ...(left === 0 ? [] : [bar('goes', left * 0.7)])];
    const coming = [...(right === 0 ? [] : [bar('comes', right * 0.7)]), ` +${said(comes, comesBytes)}`];
    const row = el(
      'tr',
      {},
      el('td', { class: 'left' }, ...(goes === 0 ? [] : going)),
      el('th', { scope: 'row' }, name),
      el('td', {}, ...(comes === 0 ? [] : coming)),
      el('td', { class: 'n' }, comesBytes === 0 ? '' : bytes(comesBytes)),
      el('td', { class: 'n' }, changes === 0 ? '' : grouped(changes)),
    );
    body.append(row);
  }
}

/** Two buttons, of which one is pressed: whether bars are as long as messages are many, or as they are large. */
function scalePart(change: (scale: Scale) => void): HTMLElement {
  const buttons = (['messages', 'bytes'] as const).map((scale) => {
    const button = el('button', { type: 'button', 'aria-pressed': String(scale === 'messages') }, scale);
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      change(scale);
    });
    return button;
  });
  return el('div', { class: 'scale', role: 'group', 'aria-label': 'Lengths of the bars' }, 'Bars by ', ...buttons);
}

function picturePart({ mailboxes }: PagePlan): HTMLElement[] {
  if (mailboxes.length === 0) return [];
  const body = el('tbody');
  const scales = scalePart((scale) => drawPicture(body, mailboxes, scale));
  drawPicture(body, mailboxes, 'messages');
  const titles = ['Goes', 'Mailbox', 'Comes', 'Size', 'Changes'].map((title, index) =>
    el('th', { scope: 'col', class: index === 0 ? 'left' : index > 2 ? 'n' : '' }, title),
  );
  const table = el('table', { class: 'bars' }, el('thead', {}, el('tr', {}, ...titles)), body);
  return [el('h3', {}, 'By mailbox'), scales, table];
}

/** How many bars there are at the most. */
const barsMax = 60;

/** How much came when. */
function daysPart(messages: readonly PageMessage[]): HTMLElement[] {
  const times = messages.flatMap(({ k, r }) => (k === 'comes' && r > 0 ? [r] : []));
  if (times.length < 2) return [];
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const stepS = Math.max(Math.ceil((last - first + 1) / 86400 / barsMax), 1) * 86400;
  const counts: number[] = new Array(Math.floor((last - first) / stepS) + 1).fill(0);
  for (const time of times) {
    const index = Math.floor((time - first) / stepS);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  if (counts.length < 2) return [];
  const most = counts.reduce((a, b) => Math.max(a, b));
  const bars = el('div', { class: 'days', 'aria-hidden': 'true' });
  const body = el('tbody');
  for (const [index, count] of counts.entries()) {
    const piece = el('span');
    piece.style.height = `${(count / most) * 100}%`;
    bars.append(piece);
    if (count > 0)
      body.append(el('tr', {}, el('th', { scope: 'row' }, day(first + index * stepS)), el('td', {}, grouped(count))));
  }
  const what = stepS === 86400 ? 'by day' : `by ${stepS / 86400} days`;
  const titles = el('tr', {}, el('th', { scope: 'col' }, 'From'), el('th', { scope: 'col' }, 'Messages'));
  return [
    el('h3', {}, `When what comes was received, ${what}; at most ${grouped(most)}`),
    bars,
    el('div', { class: 'axis', 'aria-hidden': 'true' }, el('span', {}, day(first)), el('span', {}, day(last))),
    el('div', { class: 'hidden' }, el('table', {}, el('thead', {}, titles), body)),
  ];
}

function conflictsPart({ conflicts, undo }: PagePlan): HTMLElement[] {
  const note = undo === null ? [] : [el('p', { class: 'facts' }, undo)];
  if (conflicts.length === 0) return note;
  const body = el('tbody');
  for (const { where, what, rule } of conflicts) {
    const link = el('a', { href: `#${rule}` }, 'why');
    body.append(el('tr', {}, el('th', { scope: 'row' }, where), el('td', {}, what), el('td', {}, link)));
  }
  const titles = ['Message', 'What each host did, and what holds', 'Rule'];
  const head = el('tr', {}, ...titles.map((title) => el('th', { scope: 'col' }, title)));
  return [el('h3', { id: 'conflicts' }, 'Conflicts'), el('table', {}, el('thead', {}, head), body), ...note];
}

function wordsPart({ words }: PagePlan): HTMLElement[] {
  const list = el('dl', { class: 'words' });
  for (const { word, text, items } of words) {
    const entry = el('dd', {}, text);
    if (items.length > 0) entry.append(el('ul', {}, ...items.map((item) => el('li', {}, item))));
    list.append(el('dt', word === 'GOES' ? { class: 'bad' } : {}, word), entry);
  }
  return words.length === 0 ? [] : [el('h3', {}, 'In words'), list];
}

function choice(
  label: string,
  values: readonly string[],
  change: (value: string) => void,
): [HTMLElement, HTMLSelectElement] {
  const select = document.createElement('select');
  for (const value of ['', ...values]) {
    const option = el('option', { value }, value === '' ? 'all' : (kindNames[value] ?? value));
    select.append(option);
  }
  select.addEventListener('change', () => change(select.value));
  return [el('label', {}, label, select), select];
}

/** The messages with their filters. `kind` of the tiles chooses here. */
function messagesPart(messages: readonly PageMessage[]): {
  readonly element: HTMLElement;
  readonly kinds: ReadonlySet<string>;
  choose(kind: string): void;
} {
  const filter: Filter = { text: '', kind: '', mailbox: '', host: '' };
  const input = document.createElement('input');
  input.type = 'search';
  input.setAttribute('aria-keyshortcuts', '/');
  const count = el('p', { role: 'status' });
  const grid = messageGrid(messages, () => input.focus());
  const update = (): void => {
    const shown = grid.show(filter);
    count.replaceChildren(`${grouped(shown)} of ${grouped(messages.length)} messages`);
    for (const tile of document.querySelectorAll<HTMLElement>('button.tile')) {
      tile.setAttribute('aria-pressed', String(tile.dataset.kind === filter.kind));
    }
  };
  const unique = (of: (message: PageMessage) => string): string[] =>
    [...new Set(messages.map(of))].filter((value) => value !== '').sort();
  const kindsHere = [...unique(({ k }) => k), ...(messages.some(({ c }) => c === 1) ? ['conflict'] : [])];
  const [kinds, kindSelect] = choice('What', kindsHere, (value) => {
    filter.kind = value;
    update();
  });
  const [mailboxes] = choice(
    'Mailbox',
    unique(({ m }) => m),
    (value) => {
      filter.mailbox = value;
      update();
    },
  );
  const [hosts] = choice(
    'Host',
    unique(({ h }) => h),
    (value) => {
      filter.host = value;
      update();
    },
  );
  input.addEventListener('input', () => {
    filter.text = input.value;
    update();
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') grid.focus();
    else if (event.key === 'Escape') {
      input.value = '';
      filter.text = '';
      update();
    } else return;
    event.preventDefault();
  });
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    input.focus();
  });
  const controls = el('div', { class: 'controls' }, el('label', {}, 'Filter ( / )', input), kinds, mailboxes, hosts);
  const element = el('section', { class: 'messages' }, el('h2', {}, 'Messages'), controls, count, grid.element);
  requestAnimationFrame(update);
  return {
    element,
    kinds: new Set(kindsHere),
    choose(kind) {
      filter.kind = filter.kind === kind ? '' : kind;
      kindSelect.value = filter.kind;
      update();
      element.scrollIntoView();
    },
  };
}

function showPage(data: PageData, page: HTMLElement): void {
  const list = data.messages === null ? null : messagesPart(data.messages);
  page.append(headPart(data));
  for (const plan of data.plans) {
    const days = plan === data.plans[0] ? daysPart(data.messages ?? []) : [];
    const parts = [...picturePart(plan), ...days, ...conflictsPart(plan), ...wordsPart(plan)];
    page.append(el('section', {}, el('h2', {}, plan.title), tilePart(plan.tiles, list), ...parts));
  }
  if (data.troubles.length > 0) {
    const all = data.troubles.map(({ subject, message, hint }) => {
      const said = el(
        'div',
        { class: 'trouble' },
        el('p', {}, message.includes(subject) ? message : `${subject}: ${message}`),
      );
      if (hint !== null) said.append(el('p', { class: 'facts' }, hint));
      return said;
    });
    page.append(el('section', { id: 'trouble' }, el('h2', {}, 'Trouble'), ...all));
  }
  if (data.waits !== null) page.append(el('section', {}, el('h2', {}, 'Waited for'), el('p', {}, data.waits)));
  if (list !== null) page.append(list.element);
  if (data.rules.length === 0) return;
  const rules = data.rules.map(({ id, name, text }) => el('div', { id }, el('h3', {}, name), el('p', {}, text)));
  page.append(el('footer', {}, el('h2', {}, 'The rules'), ...rules));
}

const page = document.getElementById('page');
if (page !== null) showPage(JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData, page);
