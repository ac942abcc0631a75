import type { Measure } from './ascii-text-width.js';
import type { Line, Span } from './styled-line.js';

/** How far the lines that continue one stand in beyond it. */
const step = 2;

/** A line that begins with a label goes on below what follows it, as long as that leaves this share for text. */
const labelShareMax = 0.4;

/**
 * Breaks a line between words where it is wider than `columns`. What continues it stands in further; of a line that
 * begins with a label and two blanks or more behind it, below what follows the label. `hang`: how far, where that is
 * known.
 */
export function wrapped(line: Line, columns: number, measure: Measure, hang = hangOf(line, columns, measure)): Line[] {
  const total = line.reduce((sum, { text }) => sum + measure.width(text), 0);
  if (total <= columns) return [line];
  const continuation: Span = { text: ' '.repeat(hang), emphasis: 'plain' };
  const lines: Line[] = [];
  let current: Span[] = [];
  let width = 0;
  let isEmpty = true;
  for (const { blanks, word } of wordsOf(line)) {
    const gap = blanks.reduce((sum, { text }) => sum + text.length, 0);
    const wordWidth = word.reduce((sum, { text }) => sum + measure.width(text), 0);
    if (!isEmpty && width + gap + wordWidth > columns) {
      lines.push(current);
      current = [continuation, ...word];
      width = hang + wordWidth;
    } else {
      for (const one of [...blanks, ...word]) current.push(one);
      width += gap + wordWidth;
    }
    isEmpty = false;
  }
  return [...lines, current];
}

/** Columns that lines stand in which continue this one. */
function hangOf(line: Line, columns: number, measure: Measure): number {
  const text = line.map((span) => span.text).join('');
  const before = /^ */.exec(text)?.[0].length ?? 0;
  const [, label = '', first = ''] = /^( *(?:\S+ )*\S+ {2,})(\S+)/.exec(text) ?? [];
  const width = measure.width(label);
  if (width > 0 && width <= columns * labelShareMax && width + measure.width(first) <= columns) return width;
  return before + step;
}

type Word = { readonly blanks: Span[]; readonly word: Span[] };

/** The words of a line, each with the blanks before it. A word may change its emphasis on the way. */
function wordsOf(line: Line): Word[] {
  const words: Word[] = [{ blanks: [], word: [] }];
  for (const { text, emphasis } of line) {
    for (const part of text.split(/( +)/)) {
      if (part === '') continue;
      const isBlank = part.startsWith(' ');
      let last = words[words.length - 1] as Word;
      if (isBlank && last.word.length > 0) {
        last = { blanks: [], word: [] };
        words.push(last);
      }
      last[isBlank ? 'blanks' : 'word'].push({ text: part, emphasis });
    }
  }
  return words;
}
