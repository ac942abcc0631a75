export type Emphasis = 'plain' | 'strong' | 'faint' | 'good' | 'warning' | 'bad';

/** A piece of a line; its text may hold anything, it is made visible when it is shown. */
export type Span = { readonly text: string; readonly emphasis: Emphasis };

/** One line of output, as renderers make it. Only `layOut` turns it into what goes to a terminal. */
export type Line = readonly Span[];

/** How emphasis looks: identity without colours. */
export type Palette = (text: string, emphasis: Emphasis) => string;

export const plainPalette: Palette = (text) => text;

/** Strings become plain spans. */
export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? { text: part, emphasis: 'plain' } : part));
}

export function strong(text: string): Span {
  return { text, emphasis: 'strong' };
}

export function faint(text: string): Span {
  return { text, emphasis: 'faint' };
}

export function warning(text: string): Span {
  return { text, emphasis: 'warning' };
}
