/** Pixels of one character, and of one line. */
const [width, height, margin] = [8.4, 19, 14];

/** What the numbers of an escape sequence for colours (SGR) mean, as a style. */
const styles: Readonly<Record<string, string>> = {
  1: 'font-weight:bold',
  2: 'opacity:.65',
  4: 'text-decoration:underline',
  31: 'fill:#f47067',
  32: 'fill:#8ddb8c',
  33: 'fill:#f0b765',
  34: 'fill:#6cb6ff',
  35: 'fill:#dcbdfb',
  36: 'fill:#76e3ea',
  90: 'fill:#909dab',
};

/** The numbers that end a style, with those that they end. */
const ends: Readonly<Record<string, RegExp>> = { 0: /./, 22: /^[12]$/, 24: /^4$/, 39: /^(?:3|9)\d$/ };

/**
 * A picture of what a terminal shows of `printed`. It understands colours, and progress lines that are written over;
 * throws for any other escape sequence.
 */
export function terminalAsSvg(printed: string, columns: number): string {
  const lines = printed.trimEnd().split(/\r?\n/).map(lastWritten);
  let on: string[] = [];
  const rows = lines.map((line, at) => {
    let spans = '';
    for (const [, code, text = ''] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
      if (code !== undefined) on = (code || '0').split(';').reduce(changed, on);
      else if (text !== '')
        spans += `<tspan style="${on.map((one) => styles[one] ?? '').join(';')}">${escaped(text)}</tspan>`;
    }
    return `<text x="${margin}" y="${margin + (at + 1) * height - 5}">${spans}</text>`;
  });
  const [wide, high] = [2 * margin + columns * width, 2 * margin + lines.length * height];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}">
<style>text{font:14px/1 ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#d5dde5;white-space:pre}</style>
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
${rows.join('\n')}
</svg>
`;
}

function changed(on: readonly string[], code: string): string[] {
  const ended = ends[code];
  if (ended !== undefined) return on.filter((one) => !ended.test(one));
  if (styles[code] === undefined) throw new Error(`nothing is drawn for the escape sequence ${code}`);
  return [...on, code];
}

/** What stays of a line that was written over: a progress line begins anew at its first column, and is erased at its end. */
function lastWritten(line: string): string {
  const written = line.split(/\r|\x1b\[(?:1G|2K|0?K)/).at(-1) ?? '';
  return written.replace(/\x1b\[\?\d+[hl]/g, '');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
