import { layOut } from '../../src/terminal/format/lay-out-report.js';
import type { Block } from '../../src/terminal/format/line-or-table.js';
import { plainPalette } from '../../src/terminal/format/styled-line.js';

/** What comes out without colours, without the last line's end. */
export async function shown(blocks: readonly Block[]): Promise<string> {
  return (await layOut(blocks, plainPalette)).replace(/\n$/, '');
}
