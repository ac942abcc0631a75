import type { Emphasis, Palette } from './styled-line.js';

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
