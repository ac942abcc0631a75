/// <reference lib="dom" />

// Runs in the browser. What a mail says becomes text of a node, never markup.

type Child = Node | string;

/** An element with attributes and children; strings become text. */
export function el(
  tag: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) element.append(child);
  return element;
}

/** With commas. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1.2 kB`. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `2026-11-24`, where the reader is; `?` for a time no calendar has. */
export function day(atS: number): string {
  const date = new Date(atS * 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  return Number.isNaN(date.getTime())
    ? '?'
    : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
