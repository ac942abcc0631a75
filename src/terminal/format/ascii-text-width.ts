/** How wide texts are on a terminal, in columns. Texts have been made visible before. */
export type Measure = {
  readonly width: (text: string) => number;
  /** The beginning of `text`, in at most `columns` columns, with `...` where something is left out. */
  readonly cut: (text: string, columns: number) => string;
  /** Its beginning and its end, in at most `columns` columns, with `...` between them where something is left out. */
  readonly cutMiddle: (text: string, columns: number) => string;
};

/** What stands for the part of a text that was left out. */
export const cutMark = '...';

/** Of printable ASCII every character takes one column. */
export const asciiMeasure: Measure = {
  width: (text) => text.length,
  cut: (text, columns) => {
    if (text.length <= columns) return text;
    return text.slice(0, Math.max(columns - cutMark.length, 0)) + cutMark.slice(0, columns);
  },
  cutMiddle: (text, columns) => {
    if (text.length <= columns) return text;
    const room = Math.max(columns - cutMark.length, 0);
    const end = Math.floor(room / 2);
    return text.slice(0, room - end) + cutMark.slice(0, columns) + (end === 0 ? '' : text.slice(-end));
  },
};

/** Does the text consist of nothing but the characters from blank to `~`? True of an empty text. */
export function isPrintableAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
