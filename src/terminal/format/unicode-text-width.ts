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
    const room = Math.max(columns - cutMark.length, 0);
    let width = 0;
    let kept = '';
    for (const { segment } of graphemes.segment(text)) {
      const step = stringWidth(segment);
      if (width + step > room) break;
      width += step;
      kept += segment;
    }
    return kept + cutMark.slice(0, columns);
  },
};
