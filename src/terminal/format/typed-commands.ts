import type { Measure } from './ascii-text-width.js';
import { faint, type Line, line } from './styled-line.js';
import { wrapped } from './wrap-lines.js';

/** Commands that a reader types or copies, each on a line of its own; its words are quoted as a shell needs them. */
export type TypedCommands = {
  readonly commands: readonly TypedCommand[];
};

type TypedCommand = { readonly words: readonly string[]; readonly remark: string };

const indent = '  ';

/** Where a command goes on that was broken. */
const continued = '      ';

/** Commands as they would be typed, with words quoted where a shell needs it; a remark says what one is for. */
export function commands(...list: readonly (string | readonly [command: string, remark: string])[]): TypedCommands {
  return {
    commands: list.map((one) => {
      const [command, remark] = typeof one === 'string' ? [one, ''] : one;
      return { words: commandWords(command), remark };
    }),
  };
}

/**
 * The lines of commands whose words have been made visible. Remarks stand behind the commands, in a column, where all
 * of it fits into `columns`, else before them. What is too long is broken after `\` between words, as a shell takes it;
 * null breaks nothing.
 */
export function commandLines({ commands }: TypedCommands, columns: number | null, measure: Measure): Line[] {
  const texts = commands.map(({ words }) => indent + words.join(' '));
  const widest = texts.reduce((width, text) => Math.max(width, measure.width(text)), 0);
  const beside = commands.map(({ remark }) => (remark === '' ? '' : `   # ${remark}`));
  const total = beside.reduce((width, remark, index) => {
    return Math.max(width, remark === '' ? measure.width(texts[index] ?? '') : widest + measure.width(remark));
  }, 0);
  if (columns === null || total <= columns) {
    return commands.map((_, index) => {
      const text = texts[index] ?? '';
      const remark = beside[index] ?? '';
      return remark === '' ? line(text) : line(text + ' '.repeat(widest - measure.width(text)), faint(remark));
    });
  }
  return commands.flatMap(({ words, remark }) => [
    ...(remark === '' ? [] : remarkLines(remark, columns, measure)),
    ...broken(words, columns, measure).map((text) => line(text)),
  ]);
}

/** A remark as a shell passes over it, each line of it. */
function remarkLines(remark: string, columns: number, measure: Measure): Line[] {
  const begin = `${indent}# `;
  return wrapped(line(faint(remark)), columns - begin.length, measure).map((rest) => [faint(begin), ...rest]);
}

/** One command, broken where it is too long; a word that is longer than a line stays whole. */
function broken(words: readonly string[], columns: number, measure: Measure): string[] {
  const whole = indent + words.join(' ');
  if (measure.width(whole) <= columns) return [whole];
  const mark = ' \\';
  const lines: string[] = [];
  let current = indent + (words[0] ?? '');
  for (const [index, word] of words.slice(1).entries()) {
    const isLast = index === words.length - 2;
    const longer = `${current} ${word}`;
    if (measure.width(longer) + (isLast ? 0 : mark.length) <= columns) {
      current = longer;
      continue;
    }
    lines.push(current + mark);
    current = continued + word;
  }
  return [...lines, current];
}

/** The words of a command, still quoted. */
function commandWords(command: string): string[] {
  return command.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? [];
}
