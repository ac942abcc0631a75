import type { Block } from '../../src/terminal/block.js';
import { layOut } from '../../src/terminal/layout.js';
import { plainPalette } from '../../src/terminal/line.js';

/** What comes out without colours, without the last line's end. */
export async function shown(blocks: readonly Block[]): Promise<string> {
  return (await layOut(blocks, plainPalette)).replace(/\n$/, '');
}
