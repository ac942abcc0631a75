/** What a piece of a line is to a reader; a palette says how that looks. */
export type Emphasis = 'plain' | 'strong' | 'faint' | 'good' | 'warning' | 'bad';

/** A piece of a line; its text may hold anything, it is made visible when it is shown. */
export type Span = { readonly text: string; readonly emphasis: Emphasis };

/** One line of output, as renderers make it. Only `layOut` turns it into what goes to a terminal. */
export type Line = readonly Span[];

/** How emphasis looks: identity without colours. */
export type Palette = (text: string, emphasis: Emphasis) => string;

/** No colours. */
export const plainPalette: Palette = (text) => text;

/** Colours of the terminal's own scheme. Loaded only where colours will be shown. */
export async function colourPalette(): Promise<Palette> {
  const { Chalk } = await import('chalk');
  // The level is fixed because chalk does not heed NO_COLOR, and because the decision was taken by `capabilities`.
  const chalk = new Chalk({ level: 1 });
  const styles: Readonly<Record<Emphasis, (text: string) => string>> = {
    plain: (text) => text,
    strong: chalk.bold,
    faint: chalk.dim,
    good: chalk.green,
    warning: chalk.yellow,
    bad: chalk.red,
  };
  return (text, emphasis) => styles[emphasis](text);
}

/** Strings become plain spans. */
export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? { text: part, emphasis: 'plain' } : part));
}

/** What a line says, whatever it looks like. */
export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** A piece that stands out: names, totals. */
export function strong(text: string): Span {
  return { text, emphasis: 'strong' };
}

/** A piece that steps back: labels, remarks. */
export function faint(text: string): Span {
  return { text, emphasis: 'faint' };
}

/** A piece that says something needs attention, though nothing failed as a whole. */
export function warning(text: string): Span {
  return { text, emphasis: 'warning' };
}
