import stringWidth from 'string-width';
import { cutMark, isPrintableAscii, type Measure } from './ascii-text-width.js';

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** UTF-16 units up to which measuring a whole text first is cheaper than going through it. */
const measuredWholeMax = 10_000;

/** Knows wide and narrow characters, marks without a column, pictures of several code points; cuts none in two. */
export const unicodeMeasure: Measure = {
  width: (text) => stringWidth(text),
  cut: (text, columns) => {
    if (text.length <= columns && isPrintableAscii(text)) return text;
    if (text.length <= measuredWholeMax && stringWidth(text) <= columns) return text;
    return asMuchOf(graphemesOf(text), Math.max(columns - cutMark.length, 0)).join('') + cutMark.slice(0, columns);
  },
  cutMiddle: (text, columns) => {
    if (text.length <= columns && isPrintableAscii(text)) return text;
    if (text.length <= measuredWholeMax && stringWidth(text) <= columns) return text;
    const room = Math.max(columns - cutMark.length, 0);
    const end = asMuchOf(graphemesOf(text.slice(-measuredWholeMax)).reverse(), Math.floor(room / 2)).reverse();
    const beginning = asMuchOf(graphemesOf(text), room - stringWidth(end.join('')));
    return beginning.join('') + cutMark.slice(0, columns) + end.join('');
  },
};

function graphemesOf(text: string): string[] {
  return [...graphemes.segment(text.slice(0, measuredWholeMax))].map(({ segment }) => segment);
}

/** The first of these segments, in at most `columns` columns. */
function asMuchOf(segments: readonly string[], columns: number): string[] {
  const kept: string[] = [];
  let width = 0;
  for (const segment of segments) {
    width += stringWidth(segment);
    if (width > columns) break;
    kept.push(segment);
  }
  return kept;
}
