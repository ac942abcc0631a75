import type { Measure } from './ascii-text-width.js';
import type { Line, Span } from './styled-line.js';

/** How far the lines that continue one stand in. */
const continuation: Span = { text: '  ', emphasis: 'plain' };

/**
 * Breaks a line between words where it is wider than `columns`. One that stands in is left to the terminal: it is a
 * command to be copied, or part of a list.
 */
export function wrapped(line: Line, columns: number, measure: Measure): Line[] {
  if (line[0]?.text.startsWith(' ') === true) return [line];
  const lines: Line[] = [];
  let current: Span[] = [];
  let width = 0;
  for (const { blanks, word } of wordsOf(line)) {
    const gap = blanks.reduce((sum, { text }) => sum + text.length, 0);
    const wordWidth = word.reduce((sum, { text }) => sum + measure.width(text), 0);
    if (width > 0 && width + gap + wordWidth > columns) {
      lines.push(current);
      current = [continuation, ...word];
      width = continuation.text.length + wordWidth;
    } else {
      for (const one of [...blanks, ...word]) current.push(one);
      width += gap + wordWidth;
    }
  }
  return [...lines, current];
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
