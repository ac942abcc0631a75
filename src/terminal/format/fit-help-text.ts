import { asciiMeasure } from './ascii-text-width.js';
import { line } from './styled-line.js';
import { commandLines, commands } from './typed-commands.js';
import { wrapped } from './wrap-lines.js';

/** `  $ COMMAND   # REMARK`, as examples in help are written. */
const example = /^ {2}\$ (.*?)(?: +# (.*))?$/;

/**
 * Help as commander makes it, which breaks what it lays out itself, and with it what was added to it: lines that are
 * wider than `columns` are broken between words; of examples the remark goes before the command, which is broken as a
 * shell takes it.
 */
export function fitHelpText(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((one) => {
      if (one.length <= columns) return [one];
      const [, command, remark = ''] = example.exec(one) ?? [];
      const lines =
        command === undefined
          ? wrapped(line(one), columns, asciiMeasure)
          : commandLines(commands([`$ ${command}`, remark]), columns, asciiMeasure);
      return lines.map((spans) => spans.map((span) => span.text).join(''));
    })
    .join('\n');
}
